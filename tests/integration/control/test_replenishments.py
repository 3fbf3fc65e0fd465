"""One open plan per person, a plan is done once, and a run that is cleared finds its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from jst.control.database import Database
from jst.control.replenishments import Replenishments

pytestmark = pytest.mark.postgres
PARAMS = {"cover_days": 14, "budget": 1000.5, "category": ["鞋"]}


def test_a_button_clicked_eight_times_at_once_asks_for_one_plan(database: Database, postgres_dsn: str) -> None:
    def click(number: int) -> int:
        with Database(postgres_dsn) as own:
            return Replenishments(own).ask(f"board__{number}", "cai.gou", PARAMS).replenishment_id

    with ThreadPoolExecutor(8) as threads:
        asked = set(threads.map(click, range(8)))
    plans = Replenishments(database).listed()
    assert [plan.replenishment_id for plan in plans] == [*asked]
    assert (plans[0].params, plans[0].state, plans[0].asked_by) == (PARAMS, "waiting", "cai.gou")
    other = Replenishments(database).ask("board__9", "li.na", PARAMS)
    assert other.run_id == "board__9"


def test_a_plan_goes_its_way_once(database: Database) -> None:
    plans = Replenishments(database)
    asked = plans.ask("board__1", "cai.gou", PARAMS)
    taken = plans.of_run("board__1", "jst_boards", {})
    assert (taken.asked_by, taken.params, taken.state) == ("cai.gou", PARAMS, "running")
    plans.note(asked.replenishment_id, "正在读库存", 0.1)
    noted = plans.one(asked.replenishment_id)
    assert noted is not None
    assert (noted.progress, noted.share) == ("正在读库存", 0.1)
    plans.done(asked.replenishment_id, 12, Decimal("345.60"))
    done = plans.one(asked.replenishment_id)
    assert done is not None
    assert (done.state, done.lines, done.amount, done.is_open) == ("done", 12, Decimal("345.60"), False)
    for late in (
        lambda: plans.fail(asked.replenishment_id, "太晚"),
        lambda: plans.note(asked.replenishment_id, "太晚"),
        lambda: plans.done(asked.replenishment_id, 1, Decimal(0)),
        lambda: plans.of_run("board__1", "jst_boards", {}),
    ):
        late()
        assert plans.one(asked.replenishment_id) == done
    assert plans.ask("board__2", "cai.gou", PARAMS).run_id == "board__2"


def test_a_run_by_hand_has_a_plan_of_its_own_beside_one_of_the_board(database: Database) -> None:
    plans = Replenishments(database)
    plans.ask("board__1", "oncall", PARAMS)
    by_hand = [plans.of_run("manual__1", "oncall", {"cover_days": 7}) for _ in range(2)]
    assert len({plan.replenishment_id for plan in by_hand}) == 1
    assert (by_hand[0].origin, by_hand[0].params, len(plans.listed())) == ("hand", {"cover_days": 7}, 2)


def test_a_failed_run_that_is_cleared_goes_on_although_its_person_has_asked_again(database: Database) -> None:
    plans = Replenishments(database)
    first = plans.ask("board__1", "cai.gou", PARAMS)
    plans.fail(first.replenishment_id, "没有分类 裤 的库存")
    plans.ask("board__2", "cai.gou", PARAMS)
    again = plans.of_run("board__1", "jst_boards", {})
    assert (again.replenishment_id, again.state, again.asked_by) == (first.replenishment_id, "running", "cai.gou")
    assert plans.one(999) is None
