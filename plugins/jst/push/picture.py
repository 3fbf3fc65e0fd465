"""The picture of a board: taken when the page itself says that it is drawn, and only if what it shows can be sent."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jst.clock import SHANGHAI, Clock
from jst.errors import JstError, Misconfigured, Retry
from jst.push.chromium import SCALE, Chromium, find_program

log = logging.getLogger(__name__)
SIZE = 1920, 1080
TRIES = 3
SECONDS = 60.0
_LOOK = (Path(__file__).parent / "look.js").read_text("utf-8")
_PAUSE_SECONDS = 0.2
_SMALLEST_BYTES = 50_000
"""A page in one colour has a tenth of it."""
_FEWEST_COLOURS = 4
_SHOWN = ("ok", "empty", "late")


@dataclass(frozen=True, slots=True)
class Picture:
    """``mark``: the moment the oldest figures on it are of, aware; ``seconds`` it took. As the page had them: its
    ``title`` with the days that were chosen, and ``figures``: panel → figure → every digit."""

    png: bytes
    mark: datetime
    seconds: float
    title: str = ""
    figures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Camera:
    """Takes pictures of the boards below ``address``. ``cookie``: makes the cookie that opens them for a viewer."""

    def __init__(self, address: str, cookie: Callable[[str], tuple[str, str]], clock: Clock) -> None:
        self._address, self._cookie, self._clock = address.rstrip("/"), cookie, clock

    def take(self, board_id: str, viewer: str, query: Mapping[str, Any], since: datetime) -> Picture:
        """Take the picture of a board, three times at most. ``query``: filters of its address; ``since``: no figure on
        it may be older. Raises Misconfigured without a browser or fonts, Retry when no picture could be sent, with the
        reason of the last one."""
        program, began = find_program(), self._clock.monotonic()
        url = f"{self._address}/jst/boards/{board_id}?{urlencode({**query, 'wall': 1, 'still': 1, 'lang': 'zh'}, True)}"
        for left in reversed(range(TRIES)):
            try:
                with Chromium(program, SIZE, 2 * SECONDS, self._clock) as browser:
                    browser.go(url, self._cookie(viewer))
                    seen, png = self._drawn(browser, viewer), browser.png()
                _check(seen, png, since)
                break
            except Misconfigured:
                raise
            except JstError as error:
                if not left:
                    raise
                log.warning("看板 %s 的图没有成功，再试 %d 次：%s", board_id, left, error.what)
        figures = {panel["panel"]: panel["figures"] for panel in seen["panels"]}
        return Picture(png, min(_stamps(seen)), self._clock.monotonic() - began, seen["heading"], figures)

    def _drawn(self, browser: Chromium, viewer: str) -> dict[str, Any]:
        """Wait until the page says that every panel stands; returns what it shows."""
        ends = self._clock.monotonic() + SECONDS
        seen: dict[str, Any] = browser.evaluate(_LOOK)
        while not seen["drawn"]:
            if seen["refused"]:
                raise Misconfigured(
                    f"看板不给账号 {viewer} 看：{seen['refused']}",
                    do=f"在 include/config/access.yaml 的 people.all_shops 里登记 {viewer}，五分钟内生效",
                )
            if self._clock.monotonic() > ends:
                waiting = "、".join(panel["panel"] for panel in seen["panels"] if panel["state"] == "loading")
                raise _unfit(f"{SECONDS:.0f} 秒内没有画完：{waiting or seen['title'] or '空白页'}")
            self._clock.sleep(_PAUSE_SECONDS)
            seen = browser.evaluate(_LOOK)
        return seen


def _check(seen: dict[str, Any], png: bytes, since: datetime) -> None:
    """Raise Retry when this cannot be sent."""
    for panel in seen["panels"]:
        name = panel["title"] or panel["panel"]
        if panel["state"] not in _SHOWN:
            raise _unfit(f"面板“{name}”没有数：{panel['words'] or panel['state']}")
        if panel["state"] != "empty" and panel["colours"] is not None and panel["colours"] < _FEWEST_COLOURS:
            raise _unfit(f"面板“{name}”的图是空的")
    if not seen["panels"] or not _stamps(seen):
        raise _unfit("页面上没有面板，或没有数据时点")
    if min(_stamps(seen)) < since:
        raise _unfit(f"图上的数据截至 {_shown(min(_stamps(seen)))}，应当不早于 {_shown(since)}")
    size = struct.unpack(">II", png[16:24])
    if size != (SIZE[0] * SCALE, SIZE[1] * SCALE) or len(png) < _SMALLEST_BYTES:
        raise _unfit(f"图不对：{size[0]}×{size[1]}，{len(png):,} 字节")


def _stamps(seen: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(panel["stamp"]) for panel in seen["panels"] if panel["stamp"]]


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M:%S}"


def _unfit(what: str) -> Retry:
    return Retry(what, do="稍后自动重试；打开这个看板看它说什么")
