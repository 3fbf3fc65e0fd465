"""Reading the whole list of what has no windows."""

from __future__ import annotations

from collections.abc import Callable

from jst.flow.reading.by_window import PageView, Reading


def read_list(fetch: Callable[[int], PageView]) -> Reading:
    """Read the source's whole list, page by page; proven when its last page was answered and it counted no more."""
    reading = Reading()
    index = 1
    while reading.accept(fetch(index)).has_next:
        index += 1
    total = reading.totals[-1] if reading.totals else None
    if total is None or total == len(reading.keys):
        reading.proof = "set"
    else:
        reading.reason = f"列表有 {len(reading.keys)} 个主键，源端总数 {total}，读取期间有增减"
    return reading
