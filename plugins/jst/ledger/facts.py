"""What the control database says now, in one statement: every part of the page shows the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache

import msgspec

from jst.control.database import Database
from jst.control.load_progress import Progress, progress
from jst.ledger.rows import (
    AlertRow,
    BatchRow,
    BudgetRow,
    CertificateRow,
    CheckRow,
    DegradationRow,
    HoldRow,
    IncidentRow,
    LettersRow,
    MartDayRow,
    NodeRow,
    OpenWindowRow,
    SettledRow,
    TroubleRow,
    WaitingRow,
    WatermarkRow,
)
from jst.model.module import modules_of
from jst.warehouse.sql import part, statement


@dataclass(frozen=True, slots=True)
class Facts:
    """All parts of the page; each is what ``include/sql/ledger/<its name>.sql`` selects."""

    marks: list[WatermarkRow]
    waiting: list[WaitingRow]
    open: list[OpenWindowRow]
    batches: list[BatchRow]
    letters: list[LettersRow]
    budget: list[BudgetRow]
    holds: list[HoldRow]
    troubles: list[TroubleRow]
    incidents: list[IncidentRow]
    alerts: list[AlertRow]
    degradations: list[DegradationRow]
    nodes: list[NodeRow]
    certificates: list[CertificateRow]
    checks: list[CheckRow]
    mart_days: list[MartDayRow]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything the page shows. ``first_loads``: those under way; ``settled`` may be a minute older than the rest;
    ``missing_pools``: of Airflow, by name."""

    now: datetime
    facts: Facts
    first_loads: Sequence[Progress]
    settled: Sequence[SettledRow] = ()
    missing_pools: Sequence[str] = ()


def read(database: Database, modules: Sequence[str], settled: Sequence[SettledRow] = ()) -> Ledger:
    """Read everything, in two statements. Raises Retry when the control database is away."""
    ((now, text),) = database.rows(_statement(), modules=list(modules), live=[each.name for each in modules_of("live")])
    return Ledger(now, msgspec.json.decode(text, type=Facts), progress(database, under_way=True), settled)


def count_settled(database: Database, modules: Sequence[str]) -> Sequence[SettledRow]:
    """Count settled windows; it reads every plan of a day, so not for every view of the page. Raises Retry when the
    control database is away."""
    return [SettledRow(*row) for row in database.rows(statement("ledger/settled"), modules=list(modules))]


@cache
def _statement() -> str:
    parts = (
        f"'{field.name}', (SELECT coalesce(json_agg(part), '[]') FROM (\n{part(f'ledger/{field.name}')}\n) AS part)"
        for field in fields(Facts)
    )
    return f"SELECT now(), json_build_object({', '.join(parts)})::text"
