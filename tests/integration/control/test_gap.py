"""After an outage live reading passes over what it missed; the complete watermark waits until that is read too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jst.control.database import Database
from jst.control.load_progress import gaps
from jst.control.plans import Plans
from jst.model.window import Window
from tests.support.plan_story import DAG, MODULE, add, at, complete_mark, load, pull, read_mark

pytestmark = pytest.mark.postgres

HOUR, NEWEST = 3600, 3570


def skip_gap(plans: Plans, since: int = 0, to: int = NEWEST) -> bool:
    windows = [Window(at(since) - timedelta(seconds=5), at(to))]
    return plans.watermarks.skip_gap(MODULE, DAG, "run-1", at(since), at(to), windows, cursor=None, until=None)


def test_live_goes_on_behind_the_gap_and_the_complete_watermark_waits_for_it(plans: Plans) -> None:
    assert skip_gap(plans)
    assert (read_mark(plans), complete_mark(plans)) == (NEWEST, 0)
    load(plans, pull(plans, add(plans, NEWEST, HOUR)))
    assert (read_mark(plans), complete_mark(plans)) == (HOUR, 0)
    assert plans.unfinished(MODULE)
    gap = plans.next_planned(MODULE, "gap")
    assert gap is not None
    load(plans, pull(plans, gap))
    assert (read_mark(plans), complete_mark(plans)) == (HOUR, HOUR)
    assert not plans.unfinished(MODULE)


def test_a_gap_is_passed_over_once_however_often_it_is_tried(plans: Plans) -> None:
    assert [skip_gap(plans) for _ in range(3)] == [True, False, False]
    assert len(plans.of_run(MODULE, DAG, "run-1")) == 1


def test_its_newest_part_is_read_first(plans: Plans) -> None:
    skip_gap(plans)
    ends = []
    while (plan := plans.next_planned(MODULE, "gap")) is not None:
        if plan.window.seconds > HOUR / 3:
            plans.split(plan, 900)
            continue
        ends.append(plan.window.end)
        load(plans, pull(plans, plan))
    assert len(ends) == 4
    assert ends == sorted(ends, reverse=True)
    assert complete_mark(plans) == NEWEST


def test_a_gap_along_the_cursor_goes_on_up_to_where_live_reading_began(plans: Plans, database: Database) -> None:
    database.rows("INSERT INTO cursor_mark (module, value) VALUES (%(module)s, 100)", module=MODULE)
    window = Window(at(0), at(HOUR))
    assert plans.watermarks.skip_gap(MODULE, DAG, "run-1", at(0), at(NEWEST), [window], cursor=100, until=900)
    assert plans.watermarks.cursor(MODULE) == 900
    first = plans.next_planned(MODULE, "gap")
    assert first is not None
    load(plans, pull(plans, first, cursor=300, more=True, proof="cursor"))
    rest = plans.next_planned(MODULE, "gap")
    assert rest is not None
    assert (rest.cursor, rest.until) == (300, 900)
    (progress,) = gaps(database)
    assert progress.share == 0.25
    load(plans, pull(plans, rest, cursor=900, proof="cursor"))
    assert plans.watermarks.cursor(MODULE) == 900
    assert complete_mark(plans) == NEWEST
    assert gaps(database) == []


def test_progress_speaks_of_the_gap_at_hand(plans: Plans, database: Database) -> None:
    skip_gap(plans)
    gap = plans.next_planned(MODULE, "gap")
    assert gap is not None
    load(plans, pull(plans, gap, rows=5000, requests=200))
    skip_gap(plans, NEWEST, 2 * HOUR)
    fresh = plans.next_planned(MODULE, "gap")
    assert fresh is not None
    plans.split(fresh, 1000)
    half = plans.next_planned(MODULE, "gap")
    assert half is not None
    load(plans, pull(plans, half, rows=500, requests=20))
    (progress,) = gaps(database)
    assert (progress.plans, progress.pulled, progress.rows) == (2, 1, 500)
    assert progress.share == pytest.approx(0.5, abs=0.03)
    assert plans.gap(MODULE).startswith("补缺口 sale_out")
