"""Comparing along the ts cursor, where the source counts nothing: what was read is read again at several ages."""

from __future__ import annotations

import logging

import clickhouse_driver

from jst.control.reconcile_state import ReconcileState
from jst.erp.client import Client
from jst.flow.reading.by_key import named
from jst.flow.reading.versions_at_source import versions_along_cursor
from jst.flow.reconcile.reread import ORIGIN, Rereader
from jst.flow.reconcile.verdict import outdated
from jst.warehouse import window_compare

log = logging.getLogger(__name__)
REREAD_AFTER_MINUTES = (5, 15, 30, 60)
"""Minutes after which what was read along the cursor is read again, where the source counts nothing."""


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

    def _compare_stretch(self, minutes: int, stretch: tuple[int, int]) -> None:
        seen = versions_along_cursor(self._module, self._client, *stretch, ORIGIN, self._rereader.asked())
        self._tally.keys += len(seen.rows)
        self._tally.requests += seen.requests
        known = window_compare.versions_of(self._warehouse, self._module, seen.rows.keys())
        if late := sorted(outdated(seen.rows, known)):
            self._tally.differences += len(late)
            log.warning(
                "%s：%d 分钟前读过的一段里有 %d 单迟到（%s），重读", self._module.name, minutes, len(late), named(late)
            )
            self._tally.healed += self._rereader.reread_late(late, stretch)
