"""Comparing along the ts cursor, where the source counts nothing: what was read is read again at several ages."""

from __future__ import annotations

import logging
from datetime import timedelta

import clickhouse_driver

from jst.control.reconcile_state import ReconcileState
from jst.erp.client import Client
from jst.flow.reading.by_key import named
from jst.flow.reading.records import ts_at_least
from jst.flow.reading.versions_at_source import SourceVersions, versions_along_cursor, versions_by_page
from jst.flow.reconcile.reread import ORIGIN, Rereader
from jst.flow.reconcile.verdict import outdated
from jst.model.window import Window
from jst.warehouse import window_compare

log = logging.getLogger(__name__)
REREAD_AFTER_MINUTES = (5, 15, 30, 60)
"""Minutes after which what was read along the cursor is read again, where the source counts nothing."""
RECENT, SHORT_OF_LIVE = timedelta(minutes=6), timedelta(seconds=30)
"""What is looked at by time, a little more than lies between two rounds; what live has read later still comes in."""
PAGES_BY_TIME = 20


class AlongCursor:
    """Compares one module along the cursor, in one round."""

    def __init__(
        self, client: Client, rereader: Rereader, warehouse: clickhouse_driver.Client, state: ReconcileState
    ) -> None:
        self._module, self._tally = rereader.module, rereader.tally
        self._client, self._rereader, self._warehouse, self._state = client, rereader, warehouse, state

    def compare(self) -> None:
        """Compare every stretch whose age has come. Raises what the client raises where it is not one question."""
        self._state.note_cursor()
        for minutes in REREAD_AFTER_MINUTES:
            stretch = self._state.range_to_reread(minutes)
            if stretch is None:
                continue
            with self._rereader.unanswered.bear():
                self._compare_stretch(minutes, stretch)
                self._state.note_reread(minutes, stretch[1])
        if self._module.per_warehouse:
            with self._rereader.unanswered.bear():
                self._compare_by_time()

    def _compare_stretch(self, minutes: int, stretch: tuple[int, int]) -> None:
        seen = versions_along_cursor(self._module, self._client, *stretch, ORIGIN, self._rereader.asked())
        if late := self._late(seen):
            log.warning(
                "%s：%d 分钟前读过的一段里有 %d 单迟到（%s），重读", self._module.name, minutes, len(late), named(late)
            )
            self._tally.healed += self._rereader.reread_late(late, stretch)

    def _compare_by_time(self) -> None:
        """Compare what changed since the last round, by ``modified``: a warehouse whose ts were numbered by themselves
        would lie below the cursor, and no stretch of it shows them."""
        loaded, floor = self._state.loaded(), self._state.floor()
        if loaded is None or floor is None or (end := loaded - SHORT_OF_LIVE) <= floor:
            return
        window = Window(max(end - RECENT, floor), end)
        seen = versions_by_page(self._module, self._client, window, PAGES_BY_TIME, ORIGIN, self._rereader.asked())
        if seen is None:
            log.info("%s：%s 超过 %d 页，不按时间比较，由夜里的核对补上", self._module.name, window, PAGES_BY_TIME)
        elif late := self._late(seen):
            log.warning(
                "%s：%s 里有 %d 单沿 ts 没有读到（%s），重读。源端若给每个仓库单独编 ts，"
                "会一直如此：这些仓库的库存要晚几分钟",
                self._module.name, window, len(late), named(late),
            )  # fmt: skip
            stamps = [seen.rows[key] for key in late]
            self._tally.healed += self._rereader.reread_late(late, (ts_at_least(min(stamps)), ts_at_least(max(stamps))))

    def _late(self, seen: SourceVersions) -> list[str]:
        self._tally.keys += len(seen.rows)
        self._tally.requests += seen.requests
        known = window_compare.versions_of(self._warehouse, self._module, seen.rows.keys())
        late = sorted(outdated(seen.rows, known))
        self._tally.differences += len(late)
        return late
