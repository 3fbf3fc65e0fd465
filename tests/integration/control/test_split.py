"""Cutting a plan in two loses nothing, however often, and reading still gets to its end."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jst.control.database import Database
from jst.control.plans import Plans
from jst.model.plan import Plan
from jst.model.window import Window
from tests.support.plan_story import (
    DAG,
    MODULE,
    NOON,
    OVERLAP,
    add,
    at,
    begin,
    complete_mark,
    load,
    pull,
    read_mark,
    seconds_of,
)
from tests.support.search_depth import DEPTH

pytestmark = pytest.mark.postgres


def seconds(plans: list[Plan]) -> set[int]:
    """The seconds the windows read, as offsets from noon."""
    return {
        second
        for plan in plans
        for second in range(seconds_of(plan.window.start), seconds_of(plan.window.end) + 1)
    }  # fmt: skip


def test_splitting_again_changes_nothing(plans: Plans) -> None:
    plan = add(plans, 0, 90)
    kept = plans.split(plan)
    halves = plans.of_run(MODULE, DAG, "run-1")
    assert kept == halves[0]
    assert [half.window for half in halves] == [Window(at(-30), at(30)), Window(at(30), at(90))]
    assert plans.split(plan) == kept
    assert plans.of_run(MODULE, DAG, "run-1") == halves
    plans.split(halves[0])
    quarters = plans.of_run(MODULE, DAG, "run-1")
    plans.split(plan)
    assert plans.of_run(MODULE, DAG, "run-1") == quarters


def test_a_single_second_cannot_be_split(plans: Plans) -> None:
    plan = plans.add(MODULE, "live", DAG, "run-1", Window(at(5), at(5)), at(5))
    assert plans.split(plan) is None
    assert plans.of_run(MODULE, DAG, "run-1") == [plan]


def test_complete_does_not_go_back_because_an_overlap_was_cut(plans: Plans) -> None:
    load(plans, pull(plans, add(plans, 0, 60)))
    plans.split(add(plans, 60, 61))
    for half in plans.of_run(MODULE, DAG, "run-1")[1:]:
        pull(plans, half, carried=0, offsets={}, proof="", reason="未证明")
    assert (read_mark(plans), complete_mark(plans)) == (61, 60)


@settings(max_examples=DEPTH.of(10, 25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(1, 90), overlap=st.integers(0, 40), cuts=st.lists(st.integers(0, 20), max_size=9))
@example(length=2, overlap=0, cuts=[0, 0])
@example(length=1, overlap=5, cuts=[0, 0, 0])
def test_every_second_stays_covered_and_reading_reaches_the_end(
    database: Database, length: int, overlap: int, cuts: list[int]
) -> None:
    database.rows("TRUNCATE plan, receipt, watermark, cursor_mark")
    plans = Plans(database)
    begin(plans, MODULE, NOON)
    whole = plans.add(MODULE, "live", DAG, "run-1", Window(at(-overlap), at(length)), NOON)
    for cut in cuts:
        pieces = plans.of_run(MODULE, DAG, "run-1")
        plans.split(pieces[cut % len(pieces)])
    pieces = plans.of_run(MODULE, DAG, "run-1")
    assert seconds(pieces) == seconds([whole])
    assert all(later.window.start - earlier.window.end <= timedelta(seconds=1) for earlier, later in pairwise(pieces))
    while (plan := plans.next_planned(MODULE, "live")) is not None:
        load(plans, pull(plans, plan))
        assert complete_mark(plans) == read_mark(plans) >= 0
    assert read_mark(plans) == length


def test_reading_passes_two_seconds_that_had_to_be_cut_apart(plans: Plans) -> None:
    """Thousands of orders changed by one click share a second: their window is cut down to single seconds."""
    while plan := plans.next_planned(MODULE, "live") or (add(plans, 0, 4) if read_mark(plans) < 4 else None):
        if plan.window.start + OVERLAP >= at(0) and plans.split(plan) is not None:
            continue
        pull(plans, plan)
        assert len(plans.of_run(MODULE, DAG, "run-1")) < 100
    assert read_mark(plans) == 4
