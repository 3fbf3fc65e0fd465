"""An incident as cards and the page 告警 show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jst.clock import SHANGHAI

COLUMNS = """id, kind, module, subject, owners, what, "do", step, opened_at, closed_at, said_at, said_step,
    acknowledged_by, acknowledged_at, detail"""


@dataclass(frozen=True, slots=True)
class ShownIncident:
    """``owners``: accounts it concerns beside the owner its rule names. It is as bad as ``step``; ``said_at`` it was
    said to be as bad as ``said_step``. Moments are aware; None: not yet. ``keys``: as in ``Opening``."""

    id: int
    kind: str
    module: str
    subject: str
    owners: tuple[str, ...]
    what: str
    do: str
    step: int
    opened_at: datetime
    closed_at: datetime | None
    said_at: datetime | None
    said_step: int
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    keys: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """How long it lasted; 0 before it is over."""
        return ((self.closed_at or self.opened_at) - self.opened_at).total_seconds()


def shown_incident(row: tuple[Any, ...]) -> ShownIncident:
    """Read a row of ``COLUMNS``."""
    values: list[Any] = [_as_shown(value) for value in row]
    return ShownIncident(*values)


def _as_shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI)
    return tuple(value) if isinstance(value, list) else value
