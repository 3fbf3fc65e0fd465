"""A real Chromium, driven by its DevTools protocol: nothing but the browser itself has to be installed."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from jst.clock import Clock
from jst.errors import Misconfigured, Retry

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCALE = 2
_INSTALL = "在运行 worker 的机器上安装：apt-get install chromium fonts-noto-cjk fontconfig，再清除这个任务"
_START_SECONDS = 30.0
_PAUSE_SECONDS = 0.1
_OUTLIVES_SECONDS = 30
"""The browser of a killed task ends so long after its own time is over."""
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # containers forbid it its sandbox, and it opens nothing but our own pages
    "--disable-dev-shm-usage",  # /dev/shm of a container has room for no picture
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-port=0",
)


def find_program() -> str:
    """Return the browser's program. Raises Misconfigured when there is none, or no font that has Chinese: the picture
    would be full of boxes."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise Misconfigured("没有浏览器 Chromium，日报的图无法生成", do=_INSTALL)
    try:
        fonts = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Misconfigured(f"无法查看字体（fc-list：{type(error).__name__}）", do=_INSTALL) from error
    if not fonts.strip():
        raise Misconfigured("没有中文字体（fc-list :lang=zh 为空），图上的中文会是方框", do=_INSTALL)
    return program


class Chromium:
    """One browser with one page, for one thread. It and all its processes end with the ``with`` block."""

    def __init__(self, program: str, size: tuple[int, int], seconds: float, clock: Clock) -> None:
        """``size`` of the page in CSS pixels, pictures have twice as many; ``seconds`` for all that is asked of it."""
        self._program, self._size, self._clock, self._seconds = program, size, clock, seconds
        self._ends, self._number, self._session = clock.monotonic() + seconds, 0, ""
        self._open = contextlib.ExitStack()
        self._socket: ClientConnection

    def __enter__(self) -> Chromium:
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def go(self, url: str, cookie: tuple[str, str]) -> None:
        """Open an address with one cookie, named and valued."""
        self._call("Network.setCookie", name=cookie[0], value=cookie[1], url=url)
        answer = self._call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise _trouble(f"打不开 {url.split('?')[0]}：{answer['errorText']}")

    def evaluate(self, script: str) -> Any:
        """Return what an expression of JavaScript is on the page, as JSON values."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise _trouble(f"页面脚本出错：{str(answer['exceptionDetails'].get('text'))[:200]}")
        return answer["result"].get("value")

    def png(self) -> bytes:
        """Take the picture of what is seen."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def _start(self) -> None:
        folder = self._open.enter_context(TemporaryDirectory(prefix="jst-picture-", ignore_cleanup_errors=True))
        # a task that is killed cannot end its browser: 600 MB that nothing else would ever end
        watched = ["timeout", "--signal=KILL", f"{self._seconds + _OUTLIVES_SECONDS:.0f}", self._program]
        with (Path(folder) / "said").open("wb") as said:
            process = subprocess.Popen(
                [*watched, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        self._open.callback(_end, process)
        address = _address(Path(folder), process, self._clock)
        self._socket = self._open.enter_context(connect(address, max_size=None, open_timeout=10, proxy=None))
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        width, height = self._size
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=SCALE, mobile=False
        )
        self._call("Emulation.setTimezoneOverride", timezoneId="Asia/Shanghai")
        self._call("Emulation.setLocaleOverride", locale="zh-CN")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        try:
            self._socket.send(json.dumps(asked))
            while True:
                answer: dict[str, Any] = json.loads(self._socket.recv(max(0.0, self._ends - self._clock.monotonic())))
                if answer.get("id") == self._number:
                    break
        except TimeoutError as error:
            raise _trouble(f"{self._seconds:.0f} 秒内没有完成 {method}") from error
        except (WebSocketException, OSError) as error:
            raise _trouble(f"浏览器中途退出（{type(error).__name__}），多半是内存不够，一张图要 700 MB") from error
        if "error" in answer:
            raise _trouble(f"浏览器没有接受 {method}：{answer['error'].get('message')}")
        result: dict[str, Any] = answer["result"]
        return result


def _address(folder: Path, process: subprocess.Popen[bytes], clock: Clock) -> str:
    """Return where the browser listens; it writes that into its folder."""
    port, ends = folder / "DevToolsActivePort", clock.monotonic() + _START_SECONDS
    while clock.monotonic() < ends:
        lines = port.read_text().split() if port.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        if process.poll() is not None:
            break
        clock.sleep(_PAUSE_SECONDS)
    said = (folder / "said").read_text(errors="replace").split()
    raise _trouble(f"浏览器没有启动：{' '.join(said)[-300:] or '没有输出'}")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _trouble(what: str) -> Retry:
    return Retry(what, do="稍后自动重试；一直如此时在 worker 上看内存与 Chromium 的版本")
