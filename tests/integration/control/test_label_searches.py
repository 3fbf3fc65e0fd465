"""How much is searched for overtaken labels: by day what came since, at night and after a change everything."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jst.clock import SHANGHAI, is_night
from jst.control.database import Database
from jst.control.label_searches import LabelSearches
from jst.control.plans import Plans
from jst.model.window import Window
from tests.support.plan_story import at, pull

pytestmark = pytest.mark.postgres
MODULE = "sale_out"


@pytest.fixture
def searches(database: Database) -> LabelSearches:
    """An hour after everything was searched, shops and rates as they were."""
    searches = LabelSearches(database)
    for _ in range(2):
        searches.done(searches.begin(MODULE, "as ever"))
        pass_by(database, hours=1)
    return searches


def pass_by(database: Database, **time: float) -> None:
    for column in ("searched_at", "whole_at", "changed_at"):
        database.rows(f"UPDATE label_search SET {column} = {column} - %(time)s", time=timedelta(**time))
    database.rows("UPDATE plan SET updated_at = updated_at - %(time)s", time=timedelta(**time))


def load_skus(plans: Plans, minute: int, carried: int = 1) -> datetime:
    """A batch of SKUs; returns when it was asked for."""
    plan = plans.add(
        "sku", "refresh", "jst_dimensions", f"run {minute}", Window(at(minute), at(minute + 60)), at(minute)
    )
    receipt = pull(plans, plan, carried=carried)
    plans.loaded("sku", [(plan.plan_id, receipt.attempt)])
    return receipt.started_at


def test_the_first_search_is_of_everything(database: Database) -> None:
    assert LabelSearches(database).begin(MODULE, "as ever").whole


def test_by_day_nothing_is_searched_where_no_sku_came(searches: LabelSearches) -> None:
    search = searches.begin(MODULE, "as ever")
    assert (search.whole, search.since) == (False, None)


def test_skus_that_came_are_searched_until_all_that_was_being_written_is_there(
    database: Database, searches: LabelSearches, plans: Plans
) -> None:
    load_skus(plans, 0, carried=0)
    assert searches.begin(MODULE, "as ever").since is None, "nothing came with it"
    asked = load_skus(plans, 1)
    for _ in range(2):  # a row may be under way that was made with the label of before
        search = searches.begin(MODULE, "as ever")
        assert (search.whole, search.since) == (False, asked - timedelta(minutes=1))
        searches.done(search)
    pass_by(database, minutes=16)
    assert searches.begin(MODULE, "as ever").since is not None
    searches.done(searches.begin(MODULE, "as ever"))
    assert searches.begin(MODULE, "as ever").since is None


def test_a_search_that_dies_is_done_again(database: Database, searches: LabelSearches, plans: Plans) -> None:
    asked = load_skus(plans, 0)
    searches.begin(MODULE, "as ever")
    pass_by(database, hours=2)
    assert searches.begin(MODULE, "as ever").since == asked - timedelta(minutes=1)


def test_a_changed_shop_is_searched_for_in_everything_until_all_that_was_being_written_is_there(
    database: Database, searches: LabelSearches
) -> None:
    searches.begin(MODULE, "another rate")  # dies
    for _ in range(2):
        search = searches.begin(MODULE, "another rate")
        assert search.whole
        searches.done(search)
    pass_by(database, minutes=16)
    assert searches.begin(MODULE, "another rate").whole
    searches.done(searches.begin(MODULE, "another rate"))
    assert not searches.begin(MODULE, "another rate").whole


def test_everything_is_searched_once_a_night_and_when_a_night_was_missed(
    database: Database, searches: LabelSearches
) -> None:
    database.rows("UPDATE label_search SET whole_at = whole_at - interval '20 hours'")
    assert searches.begin(MODULE, "as ever").whole == is_night(datetime.now(SHANGHAI))
    database.rows("UPDATE label_search SET whole_at = whole_at - interval '10 hours'")
    search = searches.begin(MODULE, "as ever")
    assert search.whole
    searches.done(search)
    assert not searches.begin(MODULE, "as ever").whole


@pytest.mark.parametrize(("hour", "night"), [(1, False), (2, True), (5, True), (6, False), (22, False)])
def test_the_night_is_that_of_shanghai(hour: int, night: bool) -> None:
    assert is_night(datetime(2026, 1, 1, hour, tzinfo=SHANGHAI)) == night
