"""Reading along the ts cursor, and how many pages one plan may take, by whatever way it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from jst.errors import Retry
from jst.flow.reading.by_window import PAGES_PER_PLAN, PageView, Reading
from jst.model.plan import Plan

PAGES_PER_CURSOR = 20
"""Pages of one plan: what was read becomes visible when its plan ends, and the next one goes on where it stopped."""

PAGES_PER_GAP, PAGES_PER_GAP_BY_CURSOR = 30, 3
"""Pages of one plan of a gap: live reading waits that long. Along the cursor a request may wait for its budget."""


def most_pages(plan: Plan, *, again: bool) -> int | None:
    """Return how many pages one reading of a plan may take; None: all there are, of a second or of a plan done
    ``again``."""
    if plan.cursor is not None:
        if plan.origin == "gap" and not again:
            return PAGES_PER_GAP_BY_CURSOR
        return PAGES_PER_CURSOR if plan.until is None else None
    if not plan.window.halves():
        return None
    return PAGES_PER_GAP if plan.origin == "gap" else PAGES_PER_PLAN


def read_cursor(
    fetch: Callable[[int], PageView], start: int, size: int,
    *, until: int | None = None, most_pages: int | None = PAGES_PER_CURSOR,
) -> Reading:  # fmt: skip
    """Read from ts ``start`` to the end, or past ``until``, at most ``most_pages`` pages; ``fetch`` delivers rows of
    ts ≥ the given one in ascending order, ``size`` of them where there are so many.

    ``more`` says that the end was not reached. The proof is 'cursor': the source had nothing newer (or nothing within
    the plan: the page went ``beyond`` it), and the caller began where everything had settled. Raises what ``fetch``
    raises, and Retry when a full page does not move on.
    """
    reading, cursor = Reading(proof="cursor"), start
    while True:
        page = reading.accept(fetch(cursor))
        before, cursor = cursor, max(page.highest or 0, cursor)
        reading.cursor = cursor
        full = len(page.keys) >= size
        # has_next alone is not trusted: without a count of rows the source may leave it false.
        if not (page.has_next or full) or (page.beyond if until is None else cursor >= until):
            return reading
        if cursor == before:
            if full:
                raise Retry(
                    f"源端一整页的 ts 都不大于 {cursor}，无法前进",
                    do="系统会自动再试；持续出现时联系聚水潭",
                    server="聚水潭",
                )
            return reading
        if most_pages is not None and reading.requests >= most_pages:
            reading.more = True
            return reading


def settled_ts(stamps: Iterable[tuple[int, datetime, datetime]]) -> int | None:
    """Return the highest ts that needs no second reading, of rows as (ts, modified, cutoff): whatever was written
    before a page's ``cutoff`` was committed when the page was read.

    It is the one before the first row modified after the cutoff of its page; where there is none, the last row that was
    modified no earlier than all before it: one with an older modified may be a change that moved ts alone.
    """
    before = known = latest = None
    for ts, modified, cutoff in sorted(stamps):
        if modified > cutoff:
            return before
        before = ts
        if latest is None or modified >= latest:
            known, latest = ts, modified
    return known
