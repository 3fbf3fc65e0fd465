"""A business day, and the slices in which it is read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from jst.clock import SHANGHAI
from jst.model.module import Module
from jst.model.window import TimeField, Window, source_text, source_time

HOURS_PER_SLICE = 4
SINCE = timedelta(days=7)
"""How far beyond its beginning a day is followed where only ``modified`` can be asked for: the source's longest
window. Most after-sales have come to their end by then; what changes later is in its own day's check."""
OPENS_AFTER = timedelta(minutes=90)
"""After midnight: late commits of the day have come by then, and yesterday's run begins."""
JUST_NOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """What one task reads of a day: the module's records in a window, or all there are by key. ``label`` names it
    among the slices of its module and never changes: its plans are found by it."""

    module: str
    title: str
    label: str
    window: Window | None = None

    def __str__(self) -> str:
        return f"{self.title} {self.label}"

    def as_json(self) -> dict[str, str]:
        window = self.window
        times = {} if window is None else {
            "field": window.field, "start": source_text(window.start), "end": source_text(window.end)
        }  # fmt: skip
        return {"module": self.module, "title": self.title, "label": self.label, **times}

    @classmethod
    def from_json(cls, facts: dict[str, str]) -> Slice:
        window = None
        if "field" in facts:
            start, end = source_time(facts["start"]), source_time(facts["end"])
            assert start is not None
            assert end is not None
            field: TimeField = "io_date" if facts["field"] == "io_date" else "modified"
            window = Window(start, end, field)
        return cls(facts["module"], facts["title"], facts["label"], window)

    def run_id(self, run_id: str) -> str:
        """Return the run id under which the slice's plans of a run are written down."""
        return f"{run_id} · {self.label}"


def midnight(day: date) -> datetime:
    """Return the first moment of the day in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def ends(day: date) -> datetime:
    """Return the first moment after the day in Shanghai."""
    return midnight(day + timedelta(days=1))


def is_yesterday(day: date, now: datetime) -> bool:
    """Say whether ``day`` is the day before ``now`` in Shanghai."""
    return day == now.astimezone(SHANGHAI).date() - timedelta(days=1)


def slices(module: Module, day: date, now: datetime) -> list[Slice]:
    """Return the slices in which ``day`` of ``module`` is read again at ``now``, as the spec says; empty where it
    cannot be: the source knows stock of the present only."""
    found: list[Slice] = []
    for way in module.backfill:
        if way == "keys":
            found += [Slice(module.name, module.title, "全部主键")] if is_yesterday(day, now) else []
        elif way == "modified_since":
            found += [_slice(module, "modified", day, 0, 24), *_since(module, day, now)]
        else:
            field: TimeField = "io_date" if way == "io_date" else "modified"
            hours = range(0, 24, HOURS_PER_SLICE)
            found += [_slice(module, field, day, hour, hour + HOURS_PER_SLICE) for hour in hours]
    return found


def _slice(module: Module, field: TimeField, day: date, first: int, last: int) -> Slice:
    start = midnight(day)
    window = Window(start + timedelta(hours=first), start + timedelta(hours=last), field)
    return Slice(module.name, module.title, f"{field} {first:02}–{last:02} 点", window)


def _since(module: Module, day: date, now: datetime) -> list[Slice]:
    end = min(midnight(day) + SINCE, now.astimezone(SHANGHAI).replace(microsecond=0) - JUST_NOW)
    if end <= ends(day):
        return []
    return [Slice(module.name, module.title, "modified 次日起", Window(ends(day), end))]
