"""Compare what the tables hold of a business day with what its batches brought; keep the day's snapshot of the
stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.model.module import Module
from jst.warehouse.sql import INSERT_SETTINGS, ONE_PART, key_of, statement

Batch = tuple[str, int, str]
"""plan_id, attempt, and the slice it belongs to."""

_BATCHES = [("plan_id", "String"), ("attempt", "UInt32"), ("slice", "String")]


@dataclass(frozen=True, slots=True)
class DayPart:
    """One slice: ``keys`` it brought (each counted in its first slice only), which of them the tables lack or hold in
    ``different`` version, how many ``moved`` on to a newer one; the amounts of what is the same."""

    slice: str
    keys: int
    missing: list[str]
    different: list[str]
    moved: int
    source_amount: Decimal
    our_amount: Decimal


def compare(client: Client, module: Module, day: date, batches: Sequence[Batch]) -> list[DayPart]:
    """Run ``include/sql/modules/<module>/certify.sql`` over these batches, which carried every row and are loaded."""
    sql = statement(f"modules/{module.name}/certify", record_key=key_of(module))
    return [DayPart(*row) for row in _beside(client, sql, batches, day)]


def kept(client: Client, module: Module, batches: Sequence[Batch]) -> dict[str, int]:
    """Return plan_id → how many of its records are still kept as they came: raw text is deleted after a week."""
    return dict(_beside(client, statement("raw_records/count_kept", module=module.name), batches))


def _beside(client: Client, sql: str, batches: Sequence[Batch], day: date | None = None) -> list[tuple[Any, ...]]:
    table = {"name": "batches", "structure": _BATCHES, "data": list(batches)}
    parameters = None if day is None else {"day": day.isoformat()}
    rows: list[tuple[Any, ...]] = client.execute(sql, parameters, external_tables=[table])
    return rows


def snapshot(client: Client, day: date) -> tuple[int, datetime | None]:
    """Return the number of rows of the day's stock and when they were taken; 0 rows: not yet."""
    ((rows, taken),) = client.execute(statement("stock_snapshot/taken"), {"day": day.isoformat()})
    return int(rows), taken.astimezone(SHANGHAI) if rows else None


def take_snapshot(client: Client, day: date, now: datetime) -> None:
    """Store the present stock as the day's; call it only where there is none yet."""
    parameters = {"day": day.isoformat(), "taken": int(now.timestamp())}
    client.execute(statement("stock_snapshot/take"), parameters, settings=INSERT_SETTINGS | ONE_PART)
