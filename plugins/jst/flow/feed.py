"""Where live reading of one module stands, what it reads next, and how it begins on an empty control database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jst.clock import Clock
from jst.control.cursor_marks import TAIL_SECONDS
from jst.control.plans import Plans
from jst.control.watermarks import Beginning
from jst.erp.client import Client
from jst.errors import Retry
from jst.flow.live.pace import BUSY_SHARE, Pace
from jst.flow.reading.records import ts_of
from jst.flow.reading.source_clock import SourceClock
from jst.flow.warehouses import Warehouses
from jst.model.module import Module
from jst.model.plan import Recent
from jst.model.window import LONGEST_WINDOW, Window, floor_second, live_window, weeks

_LOOKS_BACK = (timedelta(seconds=10), timedelta(minutes=10), timedelta(days=1), LONGEST_WINDOW)


@dataclass(frozen=True, slots=True)
class NextRead:
    """What live reading reads next; it continues the read watermark at ``since``, or the ts ``cursor``."""

    window: Window
    since: datetime
    cursor: int | None


class Feed:
    """Knows, in one process, how far one module has been read and what comes next."""

    def __init__(
        self, module: Module, client: Client, plans: Plans, source_clock: SourceClock, clock: Clock,
        warehouses: Warehouses,
    ) -> None:  # fmt: skip
        self.warehouses = warehouses
        self.module, self._client, self._source_clock, self._clock = module, client, source_clock, clock
        self._marks = plans.watermarks
        self._endpoint = module.endpoint(client.dialect)

    @property
    def pace(self) -> float:
        """Seconds between two looks at the source: no fewer than its quota grants a question to every warehouse."""
        questions, shortest = self.warehouses.number, self._endpoint.pace_seconds
        if questions == 1:
            return shortest
        _, rates = self._client.budget(self.module)
        return max(shortest, questions * max(rate.seconds / rate.requests for rate in rates) / BUSY_SHARE)

    @property
    def by_cursor(self) -> bool:
        return bool(self._endpoint.cursor)

    def closed_end(self) -> datetime:
        """Return the newest second that can be read; a list is of the moment it is read."""
        return floor_second(self._clock.now()) if self.module.listed else self._source_clock.closed_end()

    def pace_of(self, recent: Recent | None) -> Pace:
        """Return how often to look, starting from what the last minutes have shown."""
        settle, size = self.module.settle_seconds, self._endpoint.page_size
        if self.by_cursor:
            return Pace(self.pace, TAIL_SECONDS + settle, size, TAIL_SECONDS, recent, self.warehouses.number)
        return Pace(self.pace, self.module.overlap_seconds + settle, size, None, recent, self.warehouses.number)

    def live_end(self, *, calm: bool) -> datetime:
        """Return where a live plan ends: at the present, or, when ``calm``, before anything that would have to be read
        along the cursor a second time."""
        return self.closed_end() - timedelta(seconds=TAIL_SECONDS if calm else 0)

    def next_read(self, end: datetime | None = None) -> NextRead | None:
        """Return what to read next, up to ``end`` (default: the source's present); None when all up to there is
        read."""
        end = end or self.closed_end()
        since = self.read_mark(end)
        if end <= since:
            return None
        if self.module.listed:
            return NextRead(Window(end, end), since, None)
        if self.by_cursor:
            return NextRead(Window(since, end), since, self._marks.cursor(self.module.name))
        return NextRead(live_window(self.module, since, end), since, None)

    def answers(self) -> bool:
        """Say whether the source answers the smallest question there is. Raises what the client raises but Retry."""
        second = floor_second(self._clock.now()) - LONGEST_WINDOW
        try:
            self._client.page(self.module, Window(second, second), 1, origin="live")
        except Retry:
            return False
        return True

    def has_rows_beyond(self, ts: int) -> bool:
        """Say whether the source has a row of a higher ts."""
        for branch in self.warehouses.asked():
            page = self._client.since(self.module, ts, origin="live", branch=branch)
            self._source_clock.note_server_time(page.server_time)
            if any((row_ts := ts_of(row)) is None or row_ts > ts for row in page.rows):
                return True
        return False

    def has_rows_in(self, window: Window) -> bool:
        """Say whether the source has a row in a window."""
        for branch in self.warehouses.asked():
            page = self._client.page(self.module, window, 1, origin="live", branch=branch)
            self._source_clock.note_server_time(page.server_time)
            if page.rows or page.has_next or page.total:
                return True
        return False

    def read_mark(self, end: datetime) -> datetime:
        """Return the read watermark. On an empty control database live reading begins at ``end``, and the first load of
        what lies before is planned."""
        mark = self._marks.value(self.module.name, "read")
        if mark is None:
            mark = self._marks.start_live(self.module.name, self._beginning(end))
        return mark

    def _beginning(self, at: datetime) -> Beginning:
        self.warehouses.asked()  # known before live reading begins, they have no first load of their own
        days = timedelta(days=self.module.initial_days)
        cursor = self.present_cursor(at) if self.by_cursor else None
        if self.module.listed:
            at -= timedelta(seconds=1)  # the list of this very moment is the first to be read
        if not days:
            return Beginning(at, at, cursor)
        if self.by_cursor and not self._endpoint.counts:
            return Beginning(at, at - days, cursor, [Window(at - days, at)], by_cursor=True)
        return Beginning(at, at - days, cursor, weeks(at - days, at))

    def present_cursor(self, at: datetime) -> int:
        """Return a ts that no later change falls below: that of any row written shortly before ``at``; 0 when no row
        was written in the week before."""
        for back in _LOOKS_BACK:
            for branch in self.warehouses.asked():  # one ts counts for all of them: it numbers every change there is
                page = self._client.page(self.module, Window(at - back, at), 1, origin="live", branch=branch)
                if known := [ts for row in page.rows if (ts := ts_of(row)) is not None]:
                    return min(known)
        return 0
