"""The parts of the ledger, each a row of what ``include/sql/ledger/*.sql`` selects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from jst.model.words import (
    CertificateState,
    LetterState,
    NodeState,
    Origin,
    PlanState,
    Proof,
    TroubledTask,
    TroubleNature,
)


@dataclass(frozen=True, slots=True)
class WatermarkRow:
    """A watermark (``kind`` read or complete), or up to when all that was read can be seen in the warehouse (visible),
    ``age`` seconds old, and the reason when it does not move. ``live``: its module has a feed of its own, else it is a
    dimension; ``windows_only``: its source answers no question by key."""

    module: str
    kind: str
    value: datetime
    reason: str
    age: float
    live: bool
    windows_only: bool = False


@dataclass(frozen=True, slots=True)
class SettledRow:
    """Windows of the last day that are proven or excepted."""

    module: str
    state: PlanState
    windows: int


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Windows that are not settled; the oldest has been in its state for ``age`` seconds."""

    module: str
    origin: Origin
    state: PlanState
    windows: int
    age: float


@dataclass(frozen=True, slots=True)
class OpenWindowRow:
    """A window that is not proven; its module has ``windows`` of them."""

    plan_id: str
    module: str
    origin: Origin
    dag_id: str
    run_id: str
    window_from: datetime
    window_to: datetime
    reason: str
    age: float
    windows: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What a pull brought; it took ``seconds`` and ended ``age`` seconds ago."""

    module: str
    plan_id: str
    origin: Origin
    dag_id: str
    run_id: str
    state: PlanState
    window_from: datetime
    window_to: datetime
    requests: int
    rows: int
    carried: int
    letters: int
    proof: Proof
    seconds: float
    age: float


@dataclass(frozen=True, slots=True)
class LettersRow:
    """Dead letters: ``letters`` of one reason, the oldest ``age`` seconds old; ``cause``: the sentence of the
    latest."""

    module: str
    state: LetterState
    reason: str
    letters: int
    age: float
    cause: str


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget of the source. ``pace``: share of its rates in use, which is ``per_minute`` requests (None: never
    asked yet); ``pause``: seconds to the next slot; ``spent``: requests of the last hour by origin."""

    host: str
    bucket: str
    pace: float
    per_minute: float | None
    used_last_minute: int
    refused_last_minute: int
    granted: int
    refused: int
    pause: float
    spent: dict[str, int]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A feed that waits ``until`` a time after ``failures`` in a row."""

    module: str
    failures: int
    until: datetime
    run_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """A task that fails at ``server`` ('' unknown), by ``tries`` in a row; none has succeeded for ``age`` seconds."""

    module: str
    task: TroubledTask
    nature: TroubleNature
    server: str
    run_id: str
    what: str
    place: str
    do: str
    tries: int
    since: datetime
    age: float


@dataclass(frozen=True, slots=True)
class MartDayRow:
    """A business day whose marts have been behind the wide tables for ``age`` seconds."""

    day: date
    age: float


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident that is not closed, found ``times`` times."""

    kind: str
    module: str
    subject: str
    what: str
    do: str
    opened_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class AlertRow:
    """``subjects`` that a rule of alerts.yaml has found and that are not over, the first with its sentence."""

    rule: str
    title: str | None
    severity: str
    subjects: int
    what: str
    do: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class DegradationRow:
    """A live feed that is asked in batches of five minutes (``until`` None), or was: ``clean`` of them in a row were
    not refused, the next is ``due_at``."""

    module: str
    since: datetime
    until: datetime | None
    reason: str
    clean: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A ClickHouse node: serving, proven (equal, may take over), filling or away; ``proof``: what the last comparison
    counted."""

    node: str
    state: NodeState
    reason: str
    left_at: datetime | None
    proof: str
    proven_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """The certificate of a business day of a module. ``state``: proven, excepted or open, then ``reasons`` say why;
    amounts as text, exact."""

    day: date
    module: str
    state: CertificateState
    rows: int
    keys: int
    source_amount: str
    our_amount: str
    missing: int
    surplus: int
    different: int
    exceptions: int
    reasons: list[str]
    dag_id: str
    run_id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What a data-quality check found ``age`` seconds ago, the first few of it, and since when without a break."""

    name: str
    found: int
    examples: list[str]
    since: datetime | None
    checked_at: datetime
    age: float
