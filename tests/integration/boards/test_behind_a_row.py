"""What lies behind a row adds up to it, and filters leave what was chosen: of one's own shops only."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from jst.boards.board_shape import step_columns
from jst.boards.board_spec import load_boards
from jst.boards.choices import Choices
from jst.boards.csv_file import csv_file
from jst.boards.drill import step_behind
from jst.boards.panel_answer import PanelAnswer
from jst.boards.panel_question import Chosen
from jst.errors import Misconfigured
from tests.support.boards_world import ALL, BoardsWorld
from tests.support.sandbox_past import NOW

DAY = NOW.date()


def behind(world: BoardsWorld, viewer: str, chosen: Chosen = ALL, **keys: str) -> PanelAnswer:
    """What lies behind a row of the shops' ranking."""
    panel = load_boards()["shops"].panels["ranking"]
    step, found = step_behind(panel, {cut: [value] for cut, value in keys.items()})
    return asyncio.run(world.answers.step(step, panel.empty, viewer, chosen, found))


def total(answer: PanelAnswer, column: str = "out_amount") -> Decimal:
    return sum((Decimal(value) for value in answer.columns[column] if value is not None), Decimal(0))


def test_styles_skus_and_orders_add_up_to_the_row_above(world: BoardsWorld) -> None:
    ranking = world.board("shops", "zhang.wei").panels["ranking"]
    assert ranking.columns["shop_id"] == [101]
    styles = behind(world, "zhang.wei", shop_id="101")
    assert total(styles) == total(ranking) > 0
    assert total(styles, "refund_amount") == total(ranking, "refund_amount")
    style = styles.columns["i_id"][0]
    skus = behind(world, "zhang.wei", shop_id="101", i_id=style)
    assert total(skus) == Decimal(styles.columns["out_amount"][0])
    sku = skus.columns["sku_id"][0]
    orders = behind(world, "zhang.wei", shop_id="101", i_id=style, sku_id=sku)
    assert total(orders) == Decimal(skus.columns["out_amount"][0])
    assert len(set(orders.columns["io_id"])) == len(orders.columns["io_id"]) > 0
    assert orders.columns["io_date"] == sorted(orders.columns["io_date"], reverse=True)


def test_behind_another_persons_shop_there_is_nothing(world: BoardsWorld) -> None:
    answer = behind(world, "zhang.wei", shop_id="103")
    assert (answer.state, answer.columns["i_id"]) == ("empty", [])
    assert len(behind(world, "wang.fang", shop_id="103").columns["i_id"]) > 0


def test_a_filter_keeps_what_was_chosen_and_a_day_replaces_today(world: BoardsWorld) -> None:
    everything = world.board("shops", "cai.wu").panels["ranking"].columns
    chosen = world.board("shops", "cai.wu", Chosen((("platform", ("天猫",)),))).panels["ranking"].columns
    assert set(chosen["shop_id"]) == set(everything["shop_id"]) & {101, 109}
    yesterday = DAY.replace(day=DAY.day - 1)
    days = {
        days: total(world.board("shops", "cai.wu", Chosen((), days)).panels["ranking"])
        for days in ((yesterday,), (DAY,), (yesterday, DAY))
    }
    assert days[(DAY,)] == total(world.board("shops", "cai.wu").panels["ranking"]) != days[(yesterday,)]
    assert days[(yesterday, DAY)] == days[(DAY,)] + days[(yesterday,)]
    gap = (date(2026, 3, 5), DAY)
    alone = [total(world.board("shops", "cai.wu", Chosen((), (day,))).panels["ranking"]) for day in gap]
    assert total(world.board("shops", "cai.wu", Chosen((), gap)).panels["ranking"]) == sum(alone)


def test_one_chooses_among_ones_own_shops_and_is_told_what_is_wrong(world: BoardsWorld) -> None:
    choices: Choices = asyncio.run(world.answers.choices("zhang.wei"))
    listed = choices.listed(["shop", "platform"])
    assert listed["shop"] == [{"value": "101", "name": "云杉天猫旗舰店"}]
    assert [each["value"] for each in listed["platform"]] == ["天猫"]
    for given, said in (
        ({"shop": ["102"]}, "店铺里没有 102，或您看不到它"),
        ({"day": ["2026-13-01"]}, "日期 '2026-13-01' 不对"),
        ({"day": ["2026-03-10"]}, "2026-03-10 还没有到"),
        ({"category": ["鞋"]}, "这个看板不按分类筛选"),
    ):
        with pytest.raises(Misconfigured, match=said):
            choices.chosen(["shop", "platform", "day"], given, DAY)
    both = {"shop": ["101"], "day": ["2026-03-08", "2026-03-07"]}
    assert choices.chosen(["shop", "day"], both, DAY) == Chosen(
        (("shop", ("101",)),), (date(2026, 3, 7), date(2026, 3, 8))
    )


def test_a_file_holds_the_same_rows_and_none_of_another_persons_shop(world: BoardsWorld) -> None:
    for board in load_boards().values():
        for panel in board.panels.values():
            if "shop_id" not in panel.step.by or board.role:
                continue
            answer = asyncio.run(world.answers.step(panel.step, panel.empty, "li.na", ALL))
            text = csv_file(step_columns(panel.step, "zh", finance=True), answer.columns).decode("utf-8-sig")
            shops = {row.split(",")[0] for row in text.split("\r\n")[1:-1]}
            assert shops == set(map(str, world.board(board.id, "li.na").panels[panel.name].columns["shop_id"]))
            assert shops <= {"102", "112"}
            assert "成本" not in text
