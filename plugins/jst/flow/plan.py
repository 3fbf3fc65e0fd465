"""A plan (what to pull and why) and its receipt (what pulling it gave)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from jst.flow.window import Window

Offsets = dict[int, tuple[int, int]]
"""Partition → (first offset, last offset + 1) in the module's topic."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``since``: where it continues the read watermark. ``attempt``: whose records count, 0 before the first."""

    plan_id: str
    module: str
    origin: str
    window: Window
    since: datetime
    state: str = "planned"
    attempt: int = 0

    def __str__(self) -> str:
        return f"计划 {self.plan_id} {self.window}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one attempt brought. ``carried`` records lie in Kafka at ``offsets``; ``proof`` is empty when not proven."""

    plan_id: str
    attempt: int
    started_at: datetime
    requests: int
    rows: int
    keys: int
    carried: int
    letters: int
    total_first: int
    total_last: int
    proof: str
    reason: str = ""
    unknown: dict[str, int] = field(default_factory=dict)
    offsets: Offsets = field(default_factory=dict)
