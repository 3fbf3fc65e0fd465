"""Reading without windows and without a cursor: by key, or the whole list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def read_keys(fetch: Callable[[Sequence[str]], PageView], keys: Sequence[str], size: int) -> Reading:
    """Request every one of ``keys``, ``size`` at a time; proven when all requests were answered. A key the source
    does not know is not an error: it has no such record."""
    reading = Reading(proof="set")
    for start in range(0, len(keys), size):
        reading.accept(fetch(keys[start : start + size]))
    return reading
