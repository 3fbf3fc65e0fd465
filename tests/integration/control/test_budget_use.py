"""What the budget was spent on can be read by SQL: by minute, bucket and origin."""

from __future__ import annotations

import pytest

from jst.control.budget_use import BudgetUse
from jst.control.database import Database
from jst.control.request_budget import PostgresBudget
from jst.erp.client import Rate
from tests.support.database_time import PassingClock, pass_time

pytestmark = pytest.mark.postgres

RATES = (Rate(5, 1), Rate(100, 60))


def spent(database: Database) -> dict[str, tuple[int, int]]:
    """Origin → requests and refusals."""
    return {
        origin: (granted, refused)
        for origin, granted, refused in database.rows(
            "SELECT origin, sum(granted)::int, sum(refused)::int FROM budget_minute GROUP BY origin"
        )
    }


def test_every_request_is_counted_with_its_origin(database: Database, postgres_dsn: str) -> None:
    with Database(postgres_dsn) as other:
        one, two = (PostgresBudget(each, "app-1", PassingClock(database)) for each in (database, other))
        for _ in range(12):
            one.wait_for_slot("*", RATES, "live")
            two.wait_for_slot("*", RATES, "backfill")
        two.refused("*", 1.0, "backfill")
        one.close()
        two.close()
        one.close()
    assert spent(database) == {"live": (12, 0), "backfill": (12, 1)}
    ((waited,),) = database.rows("SELECT sum(waited) FROM budget_minute WHERE origin = 'backfill'")
    assert waited > 1


def test_a_minute_s_figures_say_what_was_allowed_and_used(database: Database) -> None:
    budget = PostgresBudget(database, "app-1", PassingClock(database))
    for _ in range(5):
        budget.wait_for_slot("*", RATES, "live")
    budget.close()
    pass_time(database, 60)
    assert database.rows("SELECT per_minute::float8, used_last_minute, refused_last_minute FROM budget_now") == [
        (pytest.approx(97), 5, 0)
    ]
    budget.refused("*", 1.0, "live")
    assert database.rows("SELECT per_minute::float8 FROM budget_now") == [(pytest.approx(97 * 0.8),)]


def test_counts_are_written_every_few_seconds_and_not_with_every_request(database: Database) -> None:
    account = BudgetUse(database, "app-1")
    account.granted("*", "live", 1_763_000_000.0, 0.1)
    account.write(0.0)
    for second in range(1, 5):
        account.granted("*", "live", 1_763_000_000.0, 0.1)
        account.write(float(second))
    assert spent(database) == {"live": (1, 0)}
    account.write(5.0)
    assert spent(database) == {"live": (5, 0)}
