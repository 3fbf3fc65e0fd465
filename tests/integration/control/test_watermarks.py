"""Where a module begins, where its cursor goes on, and how far its first load is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jst.control.database import Database
from jst.control.load_progress import LoadedPast, loaded_past, progress
from jst.control.plans import Plans
from jst.control.watermarks import Beginning, Watermarks
from jst.model.plan import Plan
from jst.model.window import Window
from tests.support.plan_story import DAG, MODULE, NOON, at, pull, seconds_of

pytestmark = pytest.mark.postgres
DAY = timedelta(days=1)


@pytest.fixture
def empty(database: Database) -> Plans:
    return Plans(database)


def windows() -> list[Window]:
    return [Window(NOON - DAY, NOON), Window(NOON - 2 * DAY, NOON - DAY)]


def live(plans: Plans, since: int, end: int, cursor: int) -> Plan:
    return plans.add(MODULE, "live", DAG, "run-1", Window(at(since), at(end)), at(since), cursor=cursor)


def age(database: Database, value: int, seconds: int) -> None:
    """Let the mark ``value`` have been seen so many seconds ago."""
    database.rows(
        "UPDATE cursor_mark SET seen_at = clock_timestamp() - %(age)s * interval '1 second' WHERE value = %(value)s",
        value=value,
        age=seconds,
    )


def marks(plans: Plans) -> dict[str, int]:
    return {kind: seconds_of(plans.watermarks.value(MODULE, kind)) for kind in ("start", "read", "complete")}


def test_complete_stays_at_the_beginning_of_the_first_load_until_all_of_it_is_proven(empty: Plans) -> None:
    day = int(DAY.total_seconds())
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON - 2 * DAY, None, windows()))
    assert marks(empty) == {"start": -2 * day, "read": 0, "complete": -2 * day}
    newest = empty.next_planned(MODULE, "initial")
    assert newest is not None
    assert newest.window == windows()[0]
    pull(empty, newest, carried=0)
    assert marks(empty)["complete"] == -2 * day
    oldest = empty.next_planned(MODULE, "initial")
    assert oldest is not None
    pull(empty, oldest, carried=0)
    assert marks(empty) == {"start": -2 * day, "read": 0, "complete": 0}
    assert empty.watermarks.live_since(MODULE) == NOON


def test_whoever_begins_second_changes_nothing(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON - 2 * DAY, 7, windows()))
    assert empty.watermarks.start_live(MODULE, Beginning(at(60), at(60) - DAY, 9, windows())) == NOON
    assert empty.watermarks.cursor(MODULE) == 7
    assert len(empty.of_run(MODULE, "jst_initial", "jst_initial")) == 2


def test_the_live_feed_never_takes_up_plans_of_the_first_load(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON - 2 * DAY, None, windows()))
    assert empty.next_planned(MODULE, "live") is None
    assert not empty.unfinished(MODULE)


def test_a_cursor_goes_on_from_what_was_there_ten_seconds_before_it_was_last_read(
    empty: Plans, database: Database
) -> None:
    """A ts is given at write and seen at commit: what was read just now may still be overtaken from below, and waiting
    alone does not help: somebody has to look again."""
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    for end, seen in ((1, 200), (2, 300), (3, 400)):
        pull(empty, live(empty, end - 1, end, 100), cursor=seen)
    assert (empty.watermarks.cursor(MODULE), empty.watermarks.highest(MODULE)) == (100, 400)
    for value in (100, 200, 300, 400):
        age(database, value, 60)
    assert empty.watermarks.cursor(MODULE) == 100
    age(database, 400, 9)
    pull(empty, live(empty, 3, 4, 100), cursor=500)
    assert empty.watermarks.cursor(MODULE) == 300
    assert database.rows("SELECT value FROM cursor_mark ORDER BY value") == [(300,), (400,), (500,)]


def test_what_was_there_long_before_a_reading_needs_no_second_one(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    pull(empty, live(empty, 0, 1, 100), cursor=900, settled=600)
    assert (empty.watermarks.cursor(MODULE), empty.watermarks.highest(MODULE)) == (600, 900)


def test_a_reading_of_nothing_but_old_rows_is_not_repeated(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    pull(empty, live(empty, 0, 1, 100), cursor=900, settled=900)
    assert (empty.watermarks.cursor(MODULE), empty.watermarks.highest(MODULE)) == (900, 900)


def test_a_plan_that_went_on_in_the_middle_settles_nothing_below_it(empty: Plans) -> None:
    """What the plan before it read was still young; nobody has looked there again."""
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    pull(empty, live(empty, 0, 60, 100), cursor=5000, settled=4800, more=True)
    rest = empty.next_planned(MODULE, "live")
    assert rest is not None
    pull(empty, rest, cursor=6000, settled=6000)
    assert (empty.watermarks.cursor(MODULE), empty.watermarks.highest(MODULE)) == (4800, 6000)


def test_an_old_plan_done_again_does_not_send_the_feed_back(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    first = live(empty, 0, 1, 100)
    pull(empty, first, cursor=500, settled=500)
    pull(empty, live(empty, 1, 2, 500), cursor=900, settled=900)
    pull(empty, first, cursor=400, settled=400)
    assert empty.watermarks.cursor(MODULE) == 900


def test_the_last_minutes_of_a_feed_tell_how_much_there_is_to_see(empty: Plans, database: Database) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    assert empty.recent(MODULE) is None
    pull(empty, live(empty, 0, 10, 100), cursor=200, carried=290, requests=6)
    assert empty.recent(MODULE) is None  # the story plays long ago
    database.rows("UPDATE plan SET window_to = clock_timestamp(), since = clock_timestamp() - interval '10 seconds'")
    database.rows("UPDATE receipt SET started_at = finished_at - interval '3 seconds'")
    recent = empty.recent(MODULE)
    assert recent is not None
    assert (recent.rows_per_second, recent.seconds_per_request) == pytest.approx((29, 0.5), rel=0.01)


def test_a_reading_that_stopped_half_way_settles_nothing_beyond(empty: Plans, database: Database) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    pull(empty, live(empty, 0, 1, 100), cursor=9000)
    age(database, 9000, 60)
    pull(empty, live(empty, 1, 2, 100), cursor=5000, more=True)
    assert empty.watermarks.cursor(MODULE) == 100


def test_a_cursor_that_did_not_reach_the_end_goes_on_in_a_new_plan(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    pull(empty, live(empty, 0, 60, 100), cursor=5000, more=True, carried=0, proof="cursor")
    assert marks(empty)["read"] == 0
    rest = empty.next_planned(MODULE, "live")
    assert rest is not None
    assert (rest.cursor, rest.window) == (5000, Window(at(0), at(60)))
    pull(empty, rest, cursor=6000, carried=0, proof="cursor")
    assert marks(empty) == {"start": 0, "read": 60, "complete": 60}


def test_clearing_reads_a_cursor_plan_no_further_than_it_read_before(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, 100))
    pull(empty, live(empty, 0, 60, 100), cursor=5000)
    (again,) = empty.of_run(MODULE, DAG, "run-1")
    assert (again.cursor, again.until) == (100, 5000)


def test_plans_by_key_move_no_watermark(empty: Plans) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON))
    plan = empty.add(MODULE, "reconcile", DAG, "run-1", Window(at(60), at(60)), at(60), keys=["a", "b"])
    assert empty.next_planned(MODULE, "reconcile") == plan
    assert plan.keys == ("a", "b")
    pull(empty, plan, carried=0, proof="set", total_first=None, total_last=None)
    assert marks(empty) == {"start": 0, "read": 0, "complete": 0}


def test_progress_tells_the_share_and_what_is_left(empty: Plans, database: Database) -> None:
    marks_: Watermarks = empty.watermarks
    marks_.start_live(MODULE, Beginning(NOON, NOON - 2 * DAY, None, windows()))
    database.rows("UPDATE plan SET updated_at = updated_at - interval '11 minutes'")
    (before,) = progress(database)
    assert (before.module, before.plans, before.pulled, before.share, before.left) == (MODULE, 2, 0, 0.0, None)
    assert before.idle > 600
    newest = empty.next_planned(MODULE, "initial")
    assert newest is not None
    assert empty.split(newest, 2000) is not None
    half_plan = empty.next_planned(MODULE, "initial")
    assert half_plan is not None
    pull(empty, half_plan, carried=0, rows=1000, requests=40)
    (half,) = progress(database)
    assert (half.pulled, half.proven, half.rows, half.done) == (1, 1, 1000, False)
    assert half.idle < 60
    assert half.share == pytest.approx(40 / (40 + 40 + 2))  # a half of 1000 rows, and two windows to open
    assert "1,000" in str(half)
    rest = empty.next_planned(MODULE, "initial")
    assert rest is not None
    pull(empty, rest, carried=0)
    oldest = empty.next_planned(MODULE, "initial")
    assert oldest is not None
    pull(empty, oldest, carried=0)
    (after,) = progress(database)
    assert after.done
    assert "已完成" in str(after)


def test_the_past_is_there_from_the_newest_day_back(empty: Plans, database: Database) -> None:
    assert loaded_past(database) == {}
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON - 2 * DAY, None, windows()))
    seen = []
    for _ in range(3):
        seen.append(loaded_past(database)[MODULE])
        if plan := empty.next_planned(MODULE, "initial"):
            pull(empty, plan, carried=0)
    assert [past.since for past in seen] == [NOON - 2 * DAY] * 3
    assert [past.reached for past in seen] == [NOON, NOON - DAY, NOON - 2 * DAY]
    assert [past.complete for past in seen] == [False, False, True]


def test_a_module_without_a_first_load_has_its_past_at_once(empty: Plans, database: Database) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON, None))
    assert loaded_past(database) == {MODULE: LoadedPast(NOON, NOON)}
    assert loaded_past(database)[MODULE].complete


def test_progress_along_a_cursor_is_how_far_the_ts_came(empty: Plans, database: Database) -> None:
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON - DAY, 1000, [Window(NOON - DAY, NOON)], by_cursor=True))
    first = empty.next_planned(MODULE, "initial")
    assert first is not None
    assert first.cursor == 0
    pull(empty, first, cursor=250, more=True, carried=0, proof="cursor")
    (quarter,) = progress(database)
    assert quarter.share == 0.25


def test_time_left_along_a_cursor_comes_from_its_pace_not_from_where_it_began(empty: Plans, database: Database) -> None:
    """The cursor begins at 0, the module's first row has 600: a source numbers all its modules in one row."""
    empty.watermarks.start_live(MODULE, Beginning(NOON, NOON - DAY, 1000, [Window(NOON - DAY, NOON)], by_cursor=True))
    left = []
    for cursor, seconds in ((600, 10), (700, 20), (800, 30)):
        plan = empty.next_planned(MODULE, "initial")
        assert plan is not None
        pull(empty, plan, cursor=cursor, more=True, carried=0, proof="cursor")
        database.rows(
            "UPDATE receipt SET finished_at = %(at)s WHERE plan_id = %(plan)s", at=at(seconds), plan=plan.plan_id
        )
        (now,) = progress(database)
        left.append(now.left)
    assert left == [None, 30.0, 20.0]
