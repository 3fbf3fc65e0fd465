"""One budget for all processes: real processes, and PostgreSQL's own clock as the judge."""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain

import pytest

from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.request_budget import PostgresBudget
from jst.erp.client import Rate
from jst.errors import Refused
from local.instance import Instance
from tests.support.fake_source import FakeClock
from tests.support.other_processes import Workers, line, tell
from tests.support.wait_until import until

pytestmark = pytest.mark.postgres

QUOTA, TAKES, PROCESSES = 25.0, 12, 4

TAKE = """
import os, sys
from jst.clock import SystemClock
from jst.control.request_budget import PostgresBudget
from jst.control.database import Database
from jst.erp.client import Rate
database = Database(os.environ["JST_CONTROL_DSN"])
budget = PostgresBudget(database, "app-1", SystemClock())
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    ticket = budget.wait_for_slot("/orders", [Rate(float(sys.argv[1]), 1)], "live")
    print(ticket, *database.rows("SELECT extract(epoch FROM clock_timestamp())::text")[0], flush=True)
"""
HOLD = """
import os, sys
from jst.control.database import Database
from jst.erp.client import Rate
database = Database(os.environ["JST_CONTROL_DSN"])
def work(cur):
    cur.execute("UPDATE credential SET ticket = ticket + 1 WHERE credential = 'app-1'")
    print("holding", flush=True)
    sys.stdin.readline()
database.transaction(work)
"""
SOON = "import jst.control.database as module\nmodule.IDLE_SECONDS = 0.5\n"
LOG_OF_SLOTS = """
CREATE TABLE slot_log (ticket bigint, at double precision);
CREATE FUNCTION log_slot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO slot_log SELECT coalesce(max(ticket), 0) + 1, extract(epoch FROM NEW.next_at) FROM slot_log;
    RETURN NULL;
END $$;
CREATE TRIGGER log_slot AFTER UPDATE ON budget FOR EACH ROW WHEN (NEW.granted > OLD.granted)
EXECUTE FUNCTION log_slot();
"""


def budget_of(database: Database, clock: FakeClock, credential: str = "app-1") -> PostgresBudget:
    return PostgresBudget(database, credential, clock)


def test_four_processes_share_one_rate_and_one_row_of_numbers(database: Database, workers: Workers) -> None:
    database.rows(LOG_OF_SLOTS)
    try:
        racers = [workers.start(TAKE, str(QUOTA), str(TAKES)) for _ in range(PROCESSES)]
        assert [line(racer) for racer in racers] == ["ready"] * PROCESSES
        for racer in racers:
            tell(racer)
        answers = [[entry.split() for entry in racer.communicate(timeout=30)[0].splitlines()] for racer in racers]
        slots = dict(database.rows("SELECT ticket, at FROM slot_log"))
    finally:
        database.rows("DROP FUNCTION IF EXISTS log_slot CASCADE; DROP TABLE IF EXISTS slot_log")
    tickets = [[int(ticket) for ticket, _ in answer] for answer in answers]
    assert sorted(chain(*tickets)) == list(range(1, PROCESSES * TAKES + 1))
    assert all(own == sorted(own) for own in tickets)
    assert all(float(at) >= slots[int(ticket)] - 0.001 for answer in answers for ticket, at in answer)
    moments = [slots[ticket] for ticket in sorted(slots)]
    assert moments == sorted(moments)
    assert max(bisect_right(moments, moment + 1) - index for index, moment in enumerate(moments)) <= QUOTA
    assert moments[-1] - moments[0] < 3 * PROCESSES * TAKES / QUOTA


def test_a_free_endpoint_costs_no_waiting_and_a_busy_one_its_spacing(database: Database) -> None:
    clock = FakeClock()
    budget = budget_of(database, clock)
    assert [budget.wait_for_slot(path, [Rate(0.5, 1)], "live") for path in ("/orders", "/skus", "/orders")] == [1, 2, 3]
    assert clock.slept == [pytest.approx(1 / 0.45, abs=0.5)]


def test_each_credential_has_its_own_numbers_and_rate(database: Database) -> None:
    clock = FakeClock()
    assert [
        budget_of(database, clock, name).wait_for_slot("/orders", [Rate(0.1, 1)], "live") for name in ("app-1", "app-2")
    ] == [1, 1]
    assert clock.slept == []


def test_a_refusal_delays_everybody(database: Database, postgres_dsn: str) -> None:
    clock = FakeClock()
    budget = budget_of(database, clock)
    budget.wait_for_slot("/orders", [Rate(100, 1)], "live")
    budget.refused("/orders", 30.0, "live")
    budget.refused("/orders", 5.0, "live")
    with Database(postgres_dsn) as other:
        budget_of(other, clock).wait_for_slot("/orders", [Rate(100, 1)], "live")
        budget_of(other, clock).wait_for_slot("/skus", [Rate(100, 1)], "backfill")
    assert clock.slept == [pytest.approx(29.5, abs=0.6)]
    assert database.rows("SELECT refused FROM budget WHERE bucket = '/orders'") == [(2,)]


def test_a_killed_process_blocks_nobody(database: Database, workers: Workers) -> None:
    budget = budget_of(database, FakeClock())
    budget.wait_for_slot("/orders", [Rate(100, 1)], "live")
    holder = workers.start(HOLD)
    assert line(holder) == "holding"
    holder.kill()
    assert budget.wait_for_slot("/orders", [Rate(100, 1)], "live") == 2


def test_a_frozen_process_blocks_nobody_for_long(database: Database, workers: Workers) -> None:
    """A machine that hangs keeps its connections: its half-done transaction must not stop all others."""
    budget = budget_of(database, FakeClock())
    budget.wait_for_slot("/orders", [Rate(100, 1)], "live")
    holder = workers.start(SOON + HOLD)
    assert line(holder) == "holding"
    assert budget.wait_for_slot("/orders", [Rate(100, 1)], "live") == 2
    tell(holder)
    assert line(holder) == "holding"
    tell(holder)
    until(lambda: holder.poll() is not None)
    assert budget.wait_for_slot("/orders", [Rate(100, 1)], "live") == 4


def test_numbers_go_on_after_postgresql_was_restarted(database: Database, stack: Instance) -> None:
    budget = budget_of(database, FakeClock())
    before = [budget.wait_for_slot("/orders", [Rate(100, 1)], "live") for _ in range(3)]
    stack.stop("postgres")
    stack.start("postgres")
    after = [budget.wait_for_slot("/orders", [Rate(100, 1)], "live") for _ in range(3)]
    assert before == [1, 2, 3]
    assert after == [4, 5, 6]


def test_a_pause_of_an_hour_is_told_and_not_slept_through(postgres_dsn: str) -> None:
    with Database(postgres_dsn) as database:
        budget = PostgresBudget(database, "a pause", SystemClock())
        budget.wait_for_slot("/paused", [Rate(10, 1)], "live")
        budget.refused("/paused", 3600, "live")
        began = SystemClock().monotonic()
        for _ in range(2):
            with pytest.raises(Refused, match="名额") as caught:
                budget.wait_for_slot("/paused", [Rate(10, 1)], "live")
            assert caught.value.after == pytest.approx(3600, abs=5)
        assert SystemClock().monotonic() - began < 5
        assert budget.wait_for_slot("/open", [Rate(10, 1)], "live") > 1
