"""Reading a closed past window so that the reading proves itself.

A row that is modified while we page leaves the window and pulls its successors one place forward, so paging forward
skips rows. Paging backward only ever sees a row twice. In a closed window rows can only leave; a total that grew says
that a late commit came in, and then nothing is proven.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from jst.errors import Refused, Retry
from jst.model.words import Proof

PAGES_PER_PLAN = 60
FAILURES_TO_PROBE = 3


class TooLarge(Exception):
    """The window has more pages than one reading may take; split it. ``rows``: what the source counts in it."""

    def __init__(self, rows: int, pages: int) -> None:
        super().__init__(f"{rows} 行，{pages} 页")
        self.rows = rows


@dataclass(frozen=True, slots=True)
class PageView:
    """What the proof needs to know of one page: its keys in order, the total it states (None: it states none), whether
    more follow, the highest ts on it, and whether a row of it was modified after the plan's end."""

    keys: tuple[Hashable, ...]
    total: int | None
    has_next: bool
    highest: int | None = None
    beyond: bool = False


@dataclass(slots=True)
class Reading:
    """What the pages of one reading add up to.

    ``proof`` is empty when nothing was proven; then ``reason`` says why, and ``failed`` names pages that were not
    answered, as (warehouse or 0, page). ``cursor`` and ``more``: where reading along the ts cursor stands, and whether
    it has to go on.
    """

    totals: list[int] = field(default_factory=list)
    keys: set[Hashable] = field(default_factory=set)
    rows: int = 0
    requests: int = 0
    proof: Proof = ""
    reason: str = ""
    failed: dict[tuple[int, int], Retry] = field(default_factory=dict)
    cursor: int | None = None
    more: bool = False

    def accept(self, page: PageView) -> PageView:
        """Add a page to the sums; returns the page."""
        if page.total is not None:
            self.totals.append(page.total)
        self.keys.update(page.keys)
        self.rows += len(page.keys)
        self.requests += 1
        return page


def read_window(fetch: Callable[[int], PageView], size: int, *, most_pages: int | None = PAGES_PER_PLAN) -> Reading:
    """Read one closed window: page 1, then last … 2, then page 1 again.

    ``fetch`` delivers a page (and hands its rows on) or raises; ``size`` is the page size asked for. Raises TooLarge
    before reading more than page 1, and whatever ``fetch`` raises for page 1. A later page that fails is noted in
    ``failed``; being refused is not a failure of a page and is raised. Every page must state a total.
    """
    reading = Reading()
    first = reading.accept(fetch(1))
    total = reading.totals[0]
    if not first.has_next:
        return _conclude(reading, len(first.keys) == total)
    # A source that serves smaller pages than asked for would otherwise leave its last pages unread.
    last = -(-total // (min(size, len(first.keys)) or size))
    if most_pages is not None and last > most_pages:
        raise TooLarge(total, last)
    beyond = False
    for index in range(last, 1, -1):
        try:
            beyond |= reading.accept(fetch(index)).has_next and index == last
        except Refused:
            raise
        except Retry as failure:
            reading.failed[0, index] = failure
            if len(reading.failed) >= FAILURES_TO_PROBE:
                reading.accept(fetch(1))  # raises when it is the source that is down, not its pages
    beyond |= reading.accept(fetch(1)).has_next and last <= 1
    if beyond:
        reading.reason = f"源端说第 {last} 页之后还有，总数却只有 {total}"
        return reading
    return _conclude(reading, not reading.failed)


def _conclude(reading: Reading, all_read: bool) -> Reading:
    totals, keys = reading.totals, len(reading.keys)
    if _grew(totals):
        reading.reason = f"读取期间总数变多（{'→'.join(map(str, totals))}），有迟到的提交"
    elif not all_read:
        reading.reason = (
            f"有 {len(reading.failed)} 页未答" if reading.failed else f"总数 {totals[0]} 与行数 {reading.rows} 不符"
        )
    elif not totals[-1] <= keys <= totals[0]:
        reading.reason = f"读到 {keys} 个主键，源端总数 {totals[0]}→{totals[-1]}，对不上"
    else:
        reading.proof = "counted"
    return reading


def _grew(totals: Iterable[int]) -> bool:
    return any(later > earlier for earlier, later in pairwise(totals))
