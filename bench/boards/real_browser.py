"""One real browser that opens boards until the last chart is drawn, and one that leaves a board open for long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from bench.boards.visitors import Visitor
from local import browser
from local.accounts import ADMIN
from local.layout import LocalError

_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--js-flags=--expose-gc"]
_WALL = ViewportSize(width=1920, height=1080)
_PATIENCE_MS = 60_000


class RealBrowser:
    """Chromium, logged in as admin. Playwright belongs to one thread: all it does happens in its own."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._token = Visitor.of(ADMIN, secret).headers["Authorization"].removeprefix("Bearer ")
        self._thread = ThreadPoolExecutor(1, "browser")
        self._context: BrowserContext | None = None

    def __enter__(self) -> RealBrowser:
        self._thread.submit(self._start).result()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._thread.submit(self._stop).result()
        self._thread.shutdown()

    def open(self, board: str, *, cold: bool) -> float:
        """Open a board; returns seconds until its last chart is drawn. ``cold``: with nothing cached. Raises
        playwright's errors when that takes a minute."""
        return self._thread.submit(self._open, board, cold).result()

    def leave_open(self, board: str, refreshes: int) -> tuple[list[int], list[int]]:
        """Leave a board open for so many refreshes of its figures, hurrying its clock; returns the bytes of the heap
        and the number of nodes, at eleven moments evenly spread."""
        return self._thread.submit(self._leave_open, board, refreshes).result()

    def _start(self) -> None:
        program = browser.find()
        if program is None:
            raise LocalError("没有浏览器：请运行 apt install " + " ".join(browser.PACKAGES))
        self._playwright = sync_playwright().start()
        self._chromium: Browser = self._playwright.chromium.launch(executable_path=program, args=_OPTIONS)

    def _stop(self) -> None:
        self._chromium.close()
        self._playwright.stop()

    def _fresh(self) -> BrowserContext:
        context = self._chromium.new_context(
            base_url=self._url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=_WALL
        )
        context.set_default_timeout(_PATIENCE_MS)
        context.add_cookies([{"name": "_token", "value": self._token, "url": self._url}])
        return context

    def _open(self, board: str, cold: bool) -> float:
        if cold or self._context is None:
            if self._context is not None:
                self._context.close()
            self._context = self._fresh()
        page = self._context.new_page()
        page.goto("/jst/boards/metrics")  # who opens a board has logged in: the tab's process is there
        began = time.monotonic()
        page.goto(f"/jst/boards/{board}")
        page.wait_for_selector("body[data-drawn='1']")
        seconds = time.monotonic() - began
        page.close()
        return seconds

    def _leave_open(self, board: str, refreshes: int) -> tuple[list[int], list[int]]:
        context = self._fresh()
        page = context.new_page()
        page.clock.install()
        answers = 0

        def count(answer: Any) -> None:
            nonlocal answers
            answers += f"/{board}/data" in answer.url

        page.on("response", count)
        page.goto(f"/jst/boards/{board}")
        page.wait_for_selector("body[data-drawn='1']")
        session = context.new_cdp_session(page)
        heap, nodes = [], []
        for part in range(11):
            while answers < refreshes * part // 10:
                page.clock.fast_forward(40_000)
                page.wait_for_timeout(30)
            heap.append(self._heap(page, session))
            nodes.append(session.send("Memory.getDOMCounters")["nodes"])
        context.close()
        return heap, nodes

    def _heap(self, page: Page, session: Any) -> int:
        page.evaluate("() => window.gc && window.gc()")
        return int(session.send("Runtime.getHeapUsage")["usedSize"])
