"""What becomes of a plan, and what the two watermarks say meanwhile."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg2
import pytest

from jst.control.database import Database
from jst.control.plans import Plans
from jst.model.plan import Plan
from tests.support.plan_story import DAG, MODULE, NOON, add, at, begin, complete_mark, load, pull, read_mark, receipt
from tests.support.wait_until import until_blocked

pytestmark = pytest.mark.postgres


def state(plans: Plans, plan: Plan, run: str = "run-1") -> str:
    (found,) = [each for each in plans.of_run(MODULE, DAG, run) if each.plan_id == plan.plan_id]
    return found.state


def why_incomplete(database: Database) -> str:
    ((reason,),) = database.rows("SELECT reason FROM watermark WHERE module = 'sale_out' AND kind = 'complete'")
    return str(reason)


def test_a_feed_starts_once(database: Database) -> None:
    plans = Plans(database)
    assert plans.watermarks.value(MODULE, "read") is None
    assert begin(plans, MODULE, NOON) == NOON
    assert begin(plans, MODULE, NOON + timedelta(hours=1)) == NOON
    assert begin(plans, "sku", at(60)) == at(60)
    assert {kind: plans.watermarks.value(MODULE, kind) for kind in ("start", "read", "complete")} == {
        "start": NOON, "read": NOON, "complete": NOON
    }  # fmt: skip


def test_a_plan_goes_from_planned_to_proven_and_both_watermarks_follow(plans: Plans) -> None:
    plan = add(plans, 0, 60)
    assert (plan.state, plan.attempt, plan.since) == ("planned", 0, at(0))
    assert plans.next_planned(MODULE, "live") == plan
    given = pull(plans, plan)
    assert state(plans, plan) == "pulled"
    assert plans.next_planned(MODULE, "live") is None
    assert plans.unfinished(MODULE)
    assert (read_mark(plans), complete_mark(plans)) == (60, 0)
    load(plans, given)
    assert state(plans, plan) == "proven"
    assert not plans.unfinished(MODULE)
    assert (read_mark(plans), complete_mark(plans)) == (60, 60)


def test_a_plan_that_brought_nothing_is_proven_without_a_load(plans: Plans) -> None:
    plan = add(plans, 0, 60)
    pull(plans, plan, carried=0, offsets={})
    assert state(plans, plan) == "proven"
    assert plans.waiting(MODULE) == []
    assert complete_mark(plans) == 60


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"proof": "", "reason": "有 1 页未答"}, "有 1 页未答"),
        ({"letters": 2}, "死信 2 条待处理"),
        ({"letters": 1, "carried": 0, "offsets": {}}, "死信 1 条待处理"),
    ],
)
def test_an_unproven_plan_holds_the_complete_watermark_and_says_why(
    database: Database, plans: Plans, facts: dict[str, object], says: str
) -> None:
    first, second = add(plans, 0, 60), add(plans, 60, 120)
    load(plans, pull(plans, first, **facts), pull(plans, second))
    assert (state(plans, first), state(plans, second)) == ("open", "proven")
    assert (read_mark(plans), complete_mark(plans)) == (120, 0)
    assert first.plan_id in why_incomplete(database)
    assert says in why_incomplete(database)
    load(plans, pull(plans, first))
    assert complete_mark(plans) == 120
    assert why_incomplete(database) == ""


def test_complete_stops_at_the_oldest_unproven_plan(database: Database, plans: Plans) -> None:
    given = [pull(plans, add(plans, start, start + 60)) for start in (0, 60, 120)]
    load(plans, given[2])
    assert complete_mark(plans) == 0
    load(plans, given[0])
    assert complete_mark(plans) == 60
    assert given[1].plan_id in why_incomplete(database)
    load(plans, given[1])
    assert complete_mark(plans) == 180


def test_reading_follows_only_plans_that_continue_it(plans: Plans) -> None:
    gap = add(plans, 90, 120)
    pull(plans, gap)
    assert read_mark(plans) == 0
    backfill = add(plans, 0, 600, origin="backfill")
    pull(plans, backfill)
    assert read_mark(plans) == 0
    pull(plans, add(plans, 0, 90))
    assert read_mark(plans) == 90
    pull(plans, gap)
    assert read_mark(plans) == 120
    pull(plans, add(plans, 0, 50))
    assert read_mark(plans) == 120


def test_redoing_a_proven_plan_moves_complete_only_when_it_comes_out_open(plans: Plans) -> None:
    first, second = add(plans, 0, 60), add(plans, 60, 120)
    load(plans, pull(plans, first), pull(plans, second))
    again = pull(plans, first)
    assert state(plans, first) == "pulled"
    assert complete_mark(plans) == 120
    load(plans, again)
    assert (state(plans, first), complete_mark(plans)) == ("proven", 120)
    again = pull(plans, first, proof="", reason="总数变多")
    assert complete_mark(plans) == 120
    load(plans, again)
    assert (state(plans, first), complete_mark(plans)) == ("open", 0)


def test_the_load_of_an_older_attempt_leaves_a_newer_pull_waiting(plans: Plans) -> None:
    plan = add(plans, 0, 60)
    old = pull(plans, plan, offsets={0: (0, 1)})
    new = pull(plans, plan, carried=2, offsets={0: (5, 6), 2: (1, 2)})
    load(plans, old)
    assert state(plans, plan) == "pulled"
    assert [(batch.attempt, rows, offsets) for batch, rows, offsets in plans.waiting(MODULE)] == [
        (new.attempt, 2, {0: (5, 6), 2: (1, 2)})
    ]


def test_the_receipt_of_an_older_attempt_comes_too_late(plans: Plans) -> None:
    """A task taken for dead may still finish its pull after its successor has."""
    plan = add(plans, 0, 60)
    late = receipt(plan, plans.start_attempt(plan), proof="", reason="未证明")
    new = pull(plans, plan)
    plans.pulled(plan, late)
    assert [batch.attempt for batch, _, _ in plans.waiting(MODULE)] == [new.attempt]
    load(plans, new)
    plans.pulled(plan, late)
    assert (state(plans, plan), complete_mark(plans)) == ("proven", 60)


def test_attempts_are_never_numbered_twice(plans: Plans) -> None:
    plan = add(plans, 0, 60)
    killed, finished = plans.start_attempt(plan), plans.start_attempt(plan)
    plans.pulled(plan, receipt(plan, finished))
    assert killed < finished < plans.start_attempt(plan)


def test_a_killed_task_leaves_its_plan_for_the_next(plans: Plans) -> None:
    later, earlier = add(plans, 60, 120), add(plans, 0, 60)
    plans.start_attempt(earlier)
    assert plans.next_planned(MODULE, "live") == earlier
    pull(plans, earlier)
    assert plans.next_planned(MODULE, "live") == later
    assert plans.next_planned("sku", "live") is None


def test_a_repeated_answer_changes_nothing(database: Database, plans: Plans) -> None:
    def remembered() -> list[list[tuple[object, ...]]]:
        return [
            database.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2")
            for table, columns in (
                ("plan", "plan_id, since, window_from, window_to, state, reason, attempt, proven_at"),
                ("receipt", "plan_id, attempt, offsets::text, finished_at"),
                ("watermark", "module, kind, value, reason"),
            )
        ]

    plan = add(plans, 0, 60)
    assert add(plans, 0, 60) == plan
    assert len(plans.of_run(MODULE, DAG, "run-1")) == 1
    given = pull(plans, plan)
    before = remembered()
    plans.pulled(plan, given)
    assert remembered() == before
    load(plans, given)
    before = remembered()
    load(plans, given)
    plans.pulled(plan, given)
    assert remembered() == before
    plans.watermarks.quiet(MODULE, DAG, "run-2", at(90))
    plans.watermarks.quiet(MODULE, DAG, "run-2", at(100))
    before = remembered()
    plans.watermarks.quiet(MODULE, DAG, "run-2", at(100))
    plans.watermarks.quiet(MODULE, DAG, "run-2", at(90))
    assert remembered() == before


def test_waiting_is_oldest_first_and_bounded(plans: Plans) -> None:
    added = [add(plans, start, start + 60) for start in (0, 60, 120, 180)]
    for plan, rows in zip([added[1], added[0], added[2], added[3]], (12_000, 8_000, 1, 5), strict=True):
        pull(plans, plan, carried=rows)
    assert [(batch.plan_id, rows) for batch, rows, _ in plans.waiting(MODULE)] == [
        (added[1].plan_id, 12_000), (added[0].plan_id, 8_000)
    ]  # fmt: skip
    assert plans.waiting("sku") == []


def test_one_plan_beyond_the_bound_waits_alone(plans: Plans) -> None:
    small, huge, last = add(plans, 0, 60), add(plans, 60, 120), add(plans, 120, 180)
    first = pull(plans, small, carried=19_999)
    pull(plans, huge, carried=50_000)
    pull(plans, last)
    assert [batch.plan_id for batch, _, _ in plans.waiting(MODULE)] == [small.plan_id]
    load(plans, first)
    assert [batch.plan_id for batch, _, _ in plans.waiting(MODULE)] == [huge.plan_id]


def test_a_night_of_quiet_windows_is_one_proven_plan(plans: Plans) -> None:
    load(plans, pull(plans, add(plans, 0, 60)))
    for end in range(70, 700, 10):
        plans.watermarks.quiet(MODULE, DAG, "night", at(end))
    (night,) = plans.of_run(MODULE, DAG, "night")
    assert (night.state, night.window.start, night.window.end) == ("proven", at(60), at(690))
    assert (read_mark(plans), complete_mark(plans)) == (690, 690)


def test_quiet_after_news_is_a_plan_of_its_own(plans: Plans) -> None:
    plans.watermarks.quiet(MODULE, DAG, "run-1", at(60))
    load(plans, pull(plans, add(plans, 60, 90)))
    plans.watermarks.quiet(MODULE, DAG, "run-1", at(120))
    assert [(each.window.end, each.state) for each in plans.of_run(MODULE, DAG, "run-1")] == [
        (at(60), "proven"), (at(90), "proven"), (at(120), "proven")
    ]  # fmt: skip


def test_quiet_does_not_prove_what_is_open(plans: Plans) -> None:
    load(plans, pull(plans, add(plans, 0, 60), letters=1))
    plans.watermarks.quiet(MODULE, DAG, "night", at(120))
    assert (read_mark(plans), complete_mark(plans)) == (120, 0)


def test_complete_is_right_when_two_processes_change_plans_at_once(postgres_dsn: str, plans: Plans) -> None:
    """One process reopens a plan while another proves a later one: nobody may claim that all is complete."""
    first, second = add(plans, 0, 60), add(plans, 60, 120)
    load(plans, pull(plans, first))
    given = pull(plans, second)
    other = psycopg2.connect(postgres_dsn)
    with other.cursor() as cur:
        cur.execute("UPDATE plan SET state = 'open', proven_at = NULL WHERE plan_id = %s", (first.plan_id,))
        cur.execute("UPDATE watermark SET value = %s WHERE module = %s AND kind = 'complete'", (at(0), MODULE))
        loading = threading.Thread(target=load, args=(plans, given))
        loading.start()
        until_blocked(postgres_dsn)
        other.commit()
    loading.join()
    other.close()
    assert complete_mark(plans) == 0
