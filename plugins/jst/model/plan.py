"""A plan (what to pull and why) and its receipt (what pulling it gave)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from jst.model.window import Window
from jst.model.words import Origin, PlanState, Proof

Offsets = dict[int, tuple[int, int]]
"""Partition → (first offset, last offset + 1) in the module's topic."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to pull, and why. ``since``: where it continues the read watermark. ``attempt``: whose records count, 0
    before the first.

    ``branches``: the only warehouses it reads, all that are asked for when empty. Read by window, unless ``cursor`` (a
    ts) or ``keys`` say otherwise; ``until``: the ts a plan done again ends at. ``redrives``: the plan whose letters it
    reads again; ``failures``: how often it was set aside.
    """

    plan_id: str
    module: str
    origin: Origin
    window: Window
    since: datetime
    state: PlanState = "planned"
    attempt: int = 0
    cursor: int | None = None
    keys: tuple[str, ...] = ()
    until: int | None = None
    redrives: str = ""
    failures: int = 0
    branches: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"计划 {self.plan_id} {self.subject}"

    @property
    def original(self) -> str:
        """The plan that its letters hold open: the one it re-drives, or itself."""
        return self.redrives or self.plan_id

    @property
    def continues_live(self) -> bool:
        """Whether the read watermark moves to its end once it is pulled: by a live feed or a refresh, not by key."""
        return self.origin in ("live", "refresh") and not self.keys

    @property
    def by_window(self) -> bool:
        return not self.keys and self.cursor is None

    @property
    def subject(self) -> str:
        """What it reads, as messages name it."""
        if self.keys:
            return f"按主键 {self.keys[0]} … {self.keys[-1]}（{len(self.keys)} 个）"
        only = f"仓库 {'、'.join(map(str, self.branches))} " if self.branches else ""
        read = str(self.window) if self.cursor is None else f"cursor {self.cursor} 起，到 {self.window.end:%F %T}"
        return f"{only}{read}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one attempt brought. ``carried`` records lie in Kafka at ``offsets``; ``proof`` is empty when not proven.

    Totals are None where the source counts nothing; ``cursor``: highest ts seen, ``settled``: highest of which is known
    that it was there long before; ``more``: the cursor's end was not reached, another plan has to go on. ``unread``:
    identities of the letters it brought, new or known; ``answered``: keys a re-drive by key found, None where it was
    not by key.
    """

    plan_id: str
    attempt: int
    started_at: datetime
    requests: int
    rows: int
    keys: int
    carried: int
    letters: int
    total_first: int | None
    total_last: int | None
    proof: Proof
    reason: str = ""
    unknown: dict[str, int] = field(default_factory=dict)
    left_empty: dict[str, tuple[int, str]] = field(default_factory=dict)
    offsets: Offsets = field(default_factory=dict)
    cursor: int | None = None
    settled: int | None = None
    more: bool = False
    unread: frozenset[bytes] = frozenset()
    answered: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Recent:
    """What a feed's last minutes brought: new rows a second, and the seconds one request lasts, its waiting for the
    budget included."""

    rows_per_second: float
    seconds_per_request: float
