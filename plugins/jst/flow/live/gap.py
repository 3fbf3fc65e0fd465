"""The period live reading skips after an outage: the newest changes are shown first, and the gap is read beside
them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from jst.control.cursor_marks import TAIL_SECONDS
from jst.control.plans import Plans
from jst.erp.client import Client
from jst.flow.feed import NextRead
from jst.flow.reading.records import ts_of
from jst.flow.warehouses import Warehouses
from jst.model.module import Module
from jst.model.window import Window, source_text, weeks

log = logging.getLogger(__name__)
WIDEST = timedelta(minutes=2)
"""The longest period live reading reads at once; a longer one becomes a gap."""
NEWEST = timedelta(seconds=30)
"""The newest period, which is read before the gap."""
SETTLED = timedelta(seconds=TAIL_SECONDS + 2)
_LOOKS_BACK = (NEWEST, timedelta(minutes=10), timedelta(days=1))


class Gap:
    """Plans what one module's live feed has missed, so that the feed can go on with the newest."""

    def __init__(self, module: Module, client: Client, plans: Plans, warehouses: Warehouses) -> None:
        self._module, self._client, self._marks = module, client, plans.watermarks
        self._warehouses = warehouses

    def skip(self, ahead: NextRead, end: datetime, dag_id: str, run_id: str, *, widest: timedelta = WIDEST) -> bool:
        """Write down all but the newest of ``ahead`` as plans of origin ``gap``, and move the read watermark behind it;
        False when there is too little to skip. ``end``: the source's present."""
        if self._module.listed or end - ahead.since <= widest:
            return False
        to, until = end - NEWEST, None
        windows = weeks(ahead.since - timedelta(seconds=self._module.overlap_seconds), to)
        if ahead.cursor is not None:
            to, until = self._settled(end - SETTLED)
            if until <= ahead.cursor or to <= ahead.since:
                return False
            windows = [Window(ahead.since, end)]
        if not self._marks.skip_gap(
            self._module.name, dag_id, run_id, ahead.since, to, windows, cursor=ahead.cursor, until=until
        ):
            return False
        log.warning(
            "%s 落后 %.0f 分钟：先读最新的，%s → %s 之间的缺口随后补上（完整水位等它）",
            self._module.name, (end - ahead.since).total_seconds() / 60, source_text(ahead.since), source_text(to),
        )  # fmt: skip
        return True

    def _settled(self, before: datetime) -> tuple[datetime, int]:
        """Return a moment, and the ts of a row modified since: everything below that ts is committed, because the row
        was written long enough ago. ts 0 when nothing was changed for a day."""
        for back in _LOOKS_BACK:
            for branch in self._warehouses.asked():
                page = self._client.page(self._module, Window(before - back, before), 1, origin="live", branch=branch)
                if known := [ts for row in page.rows if (ts := ts_of(row)) is not None]:
                    return before - back, min(known)
        return before, 0
