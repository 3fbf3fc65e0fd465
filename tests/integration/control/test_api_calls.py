"""How requests ended can be read by SQL: by minute, endpoint and outcome, of all processes together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jst.clock import SystemClock
from jst.control.api_calls import ApiCalls
from jst.control.database import Database
from jst.control.request_budget import PostgresBudget
from jst.erp.call_outcome import Call
from jst.erp.client import Rate

pytestmark = pytest.mark.postgres

MINUTE = SystemClock().now().replace(second=0, microsecond=0)
OK = Call("sku", "/open/sku/query", "ok", "ok", 90)
REFUSED = Call("sku", "/open/sku/query", "code_200", "refused", 5)
MISREAD = Call("sku", "/open/sku/query", "code_200", "failed", 5)


def written(database: Database) -> list[tuple[Any, ...]]:
    return database.rows("SELECT outcome, kind, requests, milliseconds, latencies[13] FROM api_minute ORDER BY 1, 2")


def test_processes_add_to_one_minute(database: Database, postgres_dsn: str) -> None:
    with Database(postgres_dsn) as other:
        for session in (database, other):
            calls = ApiCalls(session)
            for call in (OK, OK, REFUSED, MISREAD):
                calls.count(call, MINUTE + timedelta(seconds=30))
            calls.write(0.0)
    assert written(database) == [
        ("code_200", "failed", 2, 10, 0), ("code_200", "refused", 2, 10, 0), ("ok", "ok", 4, 360, 4)
    ]  # fmt: skip
    assert database.rows("SELECT DISTINCT minute FROM api_minute") == [(MINUTE,)]


def test_counts_cost_no_round_trip_of_their_own_and_a_kill_loses_seconds_only(database: Database) -> None:
    calls = ApiCalls(database)
    for second in range(6):
        calls.count(OK, MINUTE)
        calls.write(float(second))
    assert [row[2] for row in written(database)] == [6]  # at once, then after five seconds
    calls.count(OK, MINUTE)
    calls.write(9.0)
    assert [row[2] for row in written(database)] == [6]


def test_the_budget_writes_them_with_its_slots_and_at_its_end(database: Database) -> None:
    budget = PostgresBudget(database, "app-1", SystemClock())
    for _ in range(2):
        budget.wait_for_slot("*", (Rate(50, 1),), "live")
        budget.answered(OK)
    assert [row[2] for row in written(database)] == [1]
    budget.close()
    budget.close()
    assert [row[2] for row in written(database)] == [2]
