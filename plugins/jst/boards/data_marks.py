"""How far the data behind a panel have come: visible, proven, and whether the source is asked less often."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock

from jst.boards.board_spec import Words
from jst.clock import SHANGHAI, Clock
from jst.control.database import Database
from jst.control.load_progress import LoadedPast, loaded_past
from jst.errors import Retry
from jst.metrics.catalogue import Period
from jst.warehouse.sql import statement

KEPT_SECONDS = 1.0
LATE_SECONDS = 300.0
"""How old data may be before a panel says that they are late."""
MODULES: Mapping[str, Words] = {
    "inventory": {"zh": "库存", "en": "stock"},
    "sale_out": {"zh": "销售出库", "en": "sale-outs"},
    "after_sale": {"zh": "售后", "en": "after-sales"},
}


@dataclass(frozen=True, slots=True)
class ModuleMark:
    """``visible``: all that changed until then can be seen; ``complete``: all until then is proven, ``reason``: why no
    further; ``degraded``: since when the source is asked in batches. Times are aware."""

    module: str
    visible: datetime
    complete: datetime | None
    reason: str
    degraded: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """Since when a board's figures reach back, and how far they have come; None: nothing of it has a past."""

    since: date | None = None
    words: Words = field(default_factory=lambda: {"zh": "", "en": ""})


@dataclass(frozen=True, slots=True)
class DataMarks:
    """``waiting``: business days whose marts are behind, and since when; ``past``: how much of each module's is
    there."""

    modules: Mapping[str, ModuleMark]
    waiting: Mapping[date, datetime] = field(default_factory=dict)
    past: Mapping[str, LoadedPast] = field(default_factory=dict)

    def history(self, modules: Collection[str]) -> History:
        """Say since when the figures of these modules reach back; stock is of now."""
        pasts = [self.past[name] for name in modules if name in self.past and name != "inventory"]
        if not pasts:
            return History()
        since, reached = max(past.since for past in pasts), max(past.reached for past in pasts)
        zh, en = f"历史自 {since:%Y-%m-%d} 起", f"History begins on {since:%Y-%m-%d}"
        if not all(past.complete for past in pasts):
            zh += f"，正在装载：已有 {reached:%m-%d %H:%M} 之后的"
            en += f", loading: there from {reached:%m-%d %H:%M} on"
        return History(since.date(), {"zh": zh, "en": en})

    def on_their_way(self, modules: Collection[str], period: Period | None, through_marts: bool) -> Words | None:
        """Say why figures of a period are not there yet; None when nothing of it is on its way."""
        if period is None:
            return None
        if through_marts and any(period.first <= day <= period.last for day in self.waiting):
            return {"zh": "汇总表正在重算，马上就有", "en": "The summaries are being made, a moment please"}
        reached = [self.past[name].reached for name in modules if name in self.past and not self.past[name].complete]
        if reached and period.first <= max(reached).astimezone(SHANGHAI).date():
            at = max(reached).astimezone(SHANGHAI)
            return {
                "zh": f"正在装载历史：已有 {at:%m-%d %H:%M} 之后的",
                "en": f"Loading history: there from {at:%m-%d %H:%M} on",
            }
        return None

    def unread(self, modules: Collection[str]) -> list[str]:
        """List the modules of which nothing was read yet."""
        return sorted(set(modules) - set(self.modules))

    def visible(self, modules: Collection[str], of_marts: Period | None = None) -> datetime:
        """Return the moment the data of these modules are of; of marts that are behind, since when they are."""
        moments = [self.modules[name].visible for name in modules]
        if of_marts is not None:
            moments += [since for day, since in self.waiting.items() if of_marts.first <= day <= of_marts.last]
        return min(moments)

    def complete(self, modules: Collection[str]) -> datetime | None:
        """Return up to when all is proven; None when a module has nothing proven yet."""
        moments = [self.modules[name].complete for name in modules]
        known = [moment for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None

    def degraded(self, modules: Collection[str]) -> list[str]:
        """List the modules that are asked in batches."""
        return sorted(name for name in modules if self.modules[name].degraded is not None)


class MarkReader:
    """Reads the marks once a second for all who ask; holds one connection, and may be shared between threads."""

    def __init__(self, dsn: Callable[[], str], clock: Clock) -> None:
        self._dsn, self._clock = dsn, clock
        self._database: Database | None = None
        self._lock = Lock()
        self._last: DataMarks | None = None
        self._looked = -math.inf

    def __call__(self) -> DataMarks:
        """Return the marks, at most a second old; older ones while the control database is away. Raises Retry when it
        is away and none were read."""
        with self._lock:
            if self._clock.monotonic() - self._looked > KEPT_SECONDS:
                self._looked = self._clock.monotonic()
                try:
                    self._last = self._read()
                except Retry:
                    self._database = None  # its address is looked up again: it may have been corrected
                    if self._last is None:
                        self._looked = -math.inf
                        raise
            assert self._last is not None
            return self._last

    def _read(self) -> DataMarks:
        if self._database is None:
            self._database = Database(self._dsn(), patience=0.0)
        marks = (ModuleMark(*row) for row in self._database.rows(statement("boards/marks")))
        waiting = self._database.rows(statement("boards/waiting_days"))
        return DataMarks({mark.module: mark for mark in marks}, dict(waiting), loaded_past(self._database))
