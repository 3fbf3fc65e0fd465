"""What reconciliation remembers, and what it is told about live."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jst.control.database import Database
from jst.control.letter_index import LetterEntry, LetterIndex
from jst.control.plans import Plans
from jst.control.reconcile_state import ReconcileState
from jst.control.watermarks import Beginning
from jst.model.plan import Plan
from jst.model.window import Window
from tests.support.plan_story import MODULE, NOON, add, at, complete_mark, load, pull, seconds_of

pytestmark = pytest.mark.postgres
DAG = "jst_reconcile"


@pytest.fixture
def state(database: Database) -> ReconcileState:
    return ReconcileState(database, MODULE)


def reopened(plans: Plans, start: int, end: int) -> Plan:
    window = Window(at(start), at(end))
    plan = plans.add(MODULE, "reconcile", DAG, "round-1", window, window.start)
    ReconcileState(plans._db, MODULE).reopen(plan, "对账：源端 3，仓库 2")
    return plan


def test_loaded_stands_before_what_is_read_and_not_loaded(plans: Plans, state: ReconcileState) -> None:
    assert seconds_of(state.loaded()) == 0
    given = pull(plans, add(plans, 0, 60))
    pull(plans, add(plans, 60, 120))
    assert seconds_of(state.loaded()) == 0
    load(plans, given)
    assert seconds_of(state.loaded()) == 60
    assert ReconcileState(state._db, "inventory").loaded() is None


def test_an_open_window_does_not_hold_back_what_is_loaded(plans: Plans, state: ReconcileState) -> None:
    load(plans, pull(plans, add(plans, 0, 60), letters=1))
    assert (seconds_of(state.loaded()), complete_mark(plans)) == (60, 0)


def test_nothing_is_compared_before_the_first_load_has_brought_it(database: Database, state: ReconcileState) -> None:
    plans = Plans(database)
    weeks = [Window(NOON - timedelta(days=day), NOON - timedelta(days=day - 1)) for day in (1, 2)]
    plans.watermarks.start_live(MODULE, Beginning(NOON, NOON - timedelta(days=2), None, weeks))
    assert state.floor() == NOON
    for floor in (NOON - timedelta(days=1), NOON - timedelta(days=2)):
        plan = plans.next_planned(MODULE, "initial")
        assert plan is not None
        load(plans, pull(plans, plan))
        assert state.floor() == floor


def test_a_reopened_window_holds_the_complete_watermark_until_it_is_proven(database: Database, plans: Plans) -> None:
    load(plans, pull(plans, add(plans, 0, 600)))
    assert complete_mark(plans) == 600
    plan = reopened(plans, 200, 300)
    assert complete_mark(plans) == 200
    ((reason,),) = database.rows("SELECT reason FROM watermark WHERE kind = 'complete' AND module = %(m)s", m=MODULE)
    assert reason == f"{plan.plan_id} planned：对账：源端 3，仓库 2"
    load(plans, pull(plans, plan))
    assert complete_mark(plans) == 600


def test_a_round_goes_on_with_what_an_earlier_one_left(plans: Plans) -> None:
    left, letters, stuck, done = (reopened(plans, start, start + 10) for start in (0, 20, 40, 60))
    load(plans, pull(plans, letters, letters=1), pull(plans, stuck, proof="", reason="总数变多"), pull(plans, done))
    add(plans, 0, 60)
    assert [each.plan_id for each in plans.unproven(MODULE, DAG)] == [left.plan_id, stuck.plan_id]


def test_a_window_that_stays_unproven_is_told_with_its_reason(plans: Plans, state: ReconcileState) -> None:
    plan = reopened(plans, 0, 10)
    for attempt in range(1, 4):
        assert state.stuck_windows(DAG, 3) == [], attempt
        load(plans, pull(plans, plan, proof="", reason="总数 3 与行数 2 不符"))
    (told,) = state.stuck_windows(DAG, 3)
    assert told.endswith("（总数 3 与行数 2 不符）")


def test_letters_count_in_the_windows_of_their_plans_until_they_are_redriven(
    database: Database, plans: Plans, state: ReconcileState
) -> None:
    plan = add(plans, 30, 60)
    pull(plans, plan, letters=1)
    entry = LetterEntry("ods.dead_letters", 0, 1, MODULE, plan.plan_id, 1, 1, "17", "bad_type", "读不成", b"17")
    LetterIndex(database).add([entry])
    windows = [Window(at(-300), at(-10)), Window(at(10), at(40)), Window(at(61), at(90))]
    assert state.letters(windows) == [0, 1, 0]
    assert state.unread_keys() == {"17"}
    database.rows("UPDATE letter SET state = 'redriven'")
    assert (state.letters(windows), state.unread_keys()) == ([0, 0, 0], set())


def test_what_is_lost_is_counted_by_rounds_until_it_is_found(state: ReconcileState) -> None:
    state.note_lost(["1", "2"], ["2"])
    state.note_lost(["1", "3"], [])
    assert [(each.key, each.rounds) for each in state.lost()] == [("1", 2), ("3", 1)]
    state.note_lost(["1", "3"], ["1"])
    assert [(each.key, each.rounds) for each in state.lost()] == [("3", 2)]


def test_a_stretch_of_the_cursor_is_read_again_once_per_age(database: Database, state: ReconcileState) -> None:
    for value, minutes in ((100, 20), (200, 10), (300, 6), (400, 0)):
        database.rows(
            """INSERT INTO cursor_trail (module, value, seen_at)
               VALUES ('sale_out', %(value)s, clock_timestamp() - make_interval(mins => %(minutes)s))""",
            value=value, minutes=minutes,
        )  # fmt: skip
    assert state.range_to_reread(5) == (100, 300)
    assert state.range_to_reread(15) is None
    state.note_reread(5, 300)
    assert state.range_to_reread(5) is None
    database.rows("UPDATE cursor_trail SET seen_at = seen_at - interval '6 minutes'")
    assert (state.range_to_reread(5), state.range_to_reread(15)) == ((300, 400), (100, 200))


def test_the_trail_follows_the_live_feed(database: Database, state: ReconcileState) -> None:
    state.note_cursor()
    assert database.rows("SELECT count(*) FROM cursor_trail") == [(0,)]
    database.rows("INSERT INTO cursor_mark (module, value) VALUES ('sale_out', 7), ('sale_out', 9)")
    state.note_cursor()
    assert database.rows("SELECT value FROM cursor_trail") == [(9,)]
