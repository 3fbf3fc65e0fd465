"""Keeping the marts equal to the wide tables: days that loads have touched are refreshed within seconds, newest
first."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

from jst.clock import Clock
from jst.control.holds import Holds
from jst.control.load_lock import Fence, LoadLock
from jst.control.mart_days import MartDays
from jst.control.troubles import TaskTrouble
from jst.errors import Retry
from jst.model.mart_keys import MartKey
from jst.warehouse.cluster import Warehouse, on_each_node, steady, translate_errors
from jst.warehouse.leftover_queries import kill_older, query_name
from jst.warehouse.mart_tables import (
    days_that_differ,
    days_without_cost,
    keep_costs,
    mart_names,
    refresh,
    refresh_week,
)

log = logging.getLogger(__name__)
MARTS = "marts"
"""Stands where modules have their name: in the lock, and in the hold-back after failures."""
SEARCH_EVERY = timedelta(hours=1)
LONGEST_SECONDS, QUIET_SECONDS, LOG_EVERY_SECONDS = 300.0, 30.0, 60.0
PAUSE_SECONDS = 5.0
REST_FACTOR, BEHIND_SECONDS = 4, 60.0
"""Between two rounds it rests four times as long as the last one took: rounds use a fifth of the time, however large
a day is. While a day has been waiting for a minute they use half of it: on a busy machine a month that was just loaded
would take longer than it may be late."""
ROUND_SECONDS, DAYS_OF_A_ROUND = 5.0, 2
"""Time after which a round starts no further day, once it has done two: today comes again before last month is done,
and last month is done."""


def has_waiting_days(marts: MartDays) -> bool:
    """Return whether a round would have something to do."""
    return bool(marts.waiting()) or marts.search_is_due(SEARCH_EVERY)


class MartRefresh:
    """Refreshes all marts. Every step may be repeated: a day counts as done when all its marts are written."""

    def __init__(
        self, marts: MartDays, warehouse: Warehouse, lock: LoadLock, feeds: Holds, clock: Clock, run_id: str = ""
    ) -> None:
        self._marts, self._warehouse, self._lock, self._clock = marts, warehouse, lock, clock
        self._feeds, self._trouble = feeds, TaskTrouble(feeds.troubles, MARTS, "load", run_id)

    def shift(self) -> dict[str, int]:
        """Run rounds until nothing was new for half a minute, or for five minutes; returns counts. Raises Retry when
        ClickHouse or the control database is away."""
        clock, days, rows = self._clock, 0, 0
        began = last_log = last_news = clock.monotonic()
        while clock.monotonic() - began < LONGEST_SECONDS and clock.monotonic() - last_news < QUIET_SECONDS:
            turn = clock.monotonic()
            refreshed = self.round()
            days, rows = days + len(refreshed), rows + sum(refreshed.values())
            if clock.monotonic() - last_log >= LOG_EVERY_SECONDS:
                last_log = clock.monotonic()
                self._log_counts(days, rows)
            rest = 1 if self._marts.longest_wait() > BEHIND_SECONDS else REST_FACTOR
            clock.sleep(max(PAUSE_SECONDS, rest * (clock.monotonic() - turn)))
            if refreshed:  # its rest is no quiet: a slow round would end the shift with days waiting
                last_news = clock.monotonic()
        self._log_counts(days, rows)
        return {"days": days, "rows": rows}

    def round(self) -> dict[date, int]:
        """Refresh the days that wait, as many as there is time for; returns rows written by day."""
        if not has_waiting_days(self._marts):
            return {}
        try:
            written = self._refresh_waiting()
        except Retry as trouble:
            self._trouble.note(trouble)
            raise
        self._trouble.over()
        self._feeds.healthy(MARTS)
        return written

    def _refresh_waiting(self) -> dict[date, int]:
        began, written = self._clock.monotonic(), dict[date, int]()
        with self._translate_errors(), self._hold_lock() as fence:
            self._search()
            waiting = self._marts.waiting()
            for day, what in waiting.items():
                if len(written) >= DAYS_OF_A_ROUND and self._clock.monotonic() - began > ROUND_SECONDS:
                    break
                written[day] = self._refresh(day, what.keys, fence)
            self._refresh_week(fence)
            fence.check()
            for day in written:
                self._marts.mark_refreshed(day, waiting[day].mark, self._clock.monotonic() - began)
        return written

    def _refresh(self, day: date, keys: set[MartKey] | None, fence: Fence) -> int:
        version, name = self._marts.version(), _query_id(fence)
        on_each_node(self._warehouse, partial(keep_costs, day=day, keys=keys, query_id=name))
        of_day = partial(refresh, day=day, version=version, keys=keys, query_id=name)
        return sum(max(on_each_node(self._warehouse, partial(of_day, mart=mart))) for mart in mart_names())

    def _refresh_week(self, fence: Fence) -> None:
        version, name = self._marts.version(), _query_id(fence)
        on_each_node(self._warehouse, lambda node: refresh_week(node, version, query_id=name))

    def _search(self) -> None:
        """Find what no load has marked: days from before there were marts, or changed by hand."""
        if not self._marts.search_is_due(SEARCH_EVERY):
            return
        found = on_each_node(self._warehouse, lambda node: {*days_that_differ(node), *days_without_cost(node)})
        days = sorted(set[date]().union(*found))
        self._marts.mark_days(days)
        self._marts.note_search()
        if days:
            log.info("与宽表比较：%d 天要重算（%s … %s）", len(days), days[0], days[-1])

    def _log_counts(self, days: int, rows: int) -> None:
        left = list(self._marts.waiting())
        older = f"；还有 {len(left)} 天在等（最早 {left[-1]}）" if left else ""
        log.info("汇总表：本班重算 %d 天次，改写 %d 行%s", days, rows, older)

    @contextmanager
    def _hold_lock(self) -> Iterator[Fence]:
        with self._lock.hold(MARTS) as fence, steady(self._warehouse):
            if not fence.clean:
                on_each_node(self._warehouse, lambda node: kill_older(node, MARTS, fence.number))
            yield fence

    def _translate_errors(self) -> AbstractContextManager[None]:
        return translate_errors(
            "汇总表的重算",
            away="宽表与装载不受影响，恢复后自动重算",
            refused="按错误信息检查磁盘、内存与 include/sql/marts；修好后清除本任务即可，什么也不会丢",
        )


def _query_id(fence: Fence) -> str:
    return query_name(MARTS, fence.number, uuid4().hex)
