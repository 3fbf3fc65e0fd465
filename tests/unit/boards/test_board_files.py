"""What board files may say, and the sentence that names what is wrong."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from jst.boards.board_shape import panel_shape
from jst.boards.board_spec import FOLDER, load_board, load_boards, steps
from jst.boards.named_periods import period_of
from jst.boards.panel_question import Chosen, filters_of, statements
from jst.clock import SHANGHAI
from jst.errors import Misconfigured
from jst.metrics.catalogue import load_catalogue

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)


def changed(folder: Path, board: str, *at: str, value: Any) -> Path:
    """A shipped board file with one value changed."""
    facts = yaml.safe_load((FOLDER / f"{board}.yaml").read_text("utf-8"))
    place = facts
    for key in at[:-1]:
        place = place[key]
    place[at[-1]] = value
    path = folder / f"{board}.yaml"
    path.write_text(yaml.safe_dump(facts, allow_unicode=True), "utf-8")
    return path


def test_the_boards_stand_in_their_order() -> None:
    order = ["stock", "trend", "after_sale", "shops", "finance", "stock_warning", "promo", "pipeline", "margin"]
    assert [board for board in load_boards() if board in order] == [board for board in order if board in load_boards()]


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (("panels", "ranking", "values"), [{"metric": "out_amuont"}], "指标目录里没有 out_amuont"),
        (("panels", "ranking", "by"), ["wms_co_id"], "refund_amount 不能按 wms_co_id 切分"),
        (("panels", "ranking", "sort"), "-gmv", "没有 gmv 这一列"),
        (("panels", "ranking", "thresholds"), {"gmv": {"red_above": 1}}, "thresholds 不对：没有 gmv 这一列"),
        (("panels", "ranking", "values"), [{"metric": "out_amount"}] * 2, "out_amount 有两列"),
        (("panels", "ranking", "drill", "by"), ["wms_co_id"], "refund_amount 不能按"),
        (("panels", "ranking", "look"), {"bands": {"out_amount": ["gmv", "out_amount"]}}, "look.bands 不对：没有 gmv"),
        (("panels", "ranking", "look"), {"notes": ["gmv"]}, "look.notes 不对：没有 gmv"),
        (("panels", "ranking", "values"), [{"metric": "out_amount", "optional": True}], "ranking.values"),
        (("refresh",), 5, "refresh"),
        (("panels", "ranking", "chart"), "pie", "chart"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_place(tmp_path: Path, at: tuple[str, ...], value: Any, said: str) -> None:
    if at[-1] == "by" and "drill" in at:
        value = {"by": value, "values": [{"metric": "refund_amount"}]}
        at = at[:-1]
    with pytest.raises(Misconfigured) as wrong:
        load_board(changed(tmp_path, "shops", *at, value=value))
    assert "shops.yaml" in str(wrong.value)
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("now", date(2026, 3, 8), date(2026, 3, 8)),
        ("today", date(2026, 3, 8), date(2026, 3, 8)),
        ("yesterday", date(2026, 3, 7), date(2026, 3, 7)),
        ("same_day_last_week", date(2026, 3, 1), date(2026, 3, 1)),
        ("last_7_days", date(2026, 3, 1), date(2026, 3, 8)),
        ("last_30_days", date(2026, 2, 6), date(2026, 3, 8)),
        ("this_month", date(2026, 3, 1), date(2026, 3, 8)),
    ],
)
def test_a_period_is_counted_from_the_day_of_the_data(name: str, first: date, last: date) -> None:
    period = period_of(name, NOW)
    assert (period.first, period.last, period.as_of) == (first, last, NOW)
    chosen = period_of(name, datetime(2026, 4, 1, tzinfo=SHANGHAI), [date(2026, 3, 8)])
    assert (chosen.first, chosen.last) == (first, last)


def test_the_boards_day_is_shanghais_whatever_the_servers_zone() -> None:
    before_midnight = datetime.fromisoformat("2026-03-08T15:59:59+00:00")
    after_midnight = datetime.fromisoformat("2026-03-08T16:00:00+00:00")
    assert period_of("today", before_midnight).last == date(2026, 3, 8)
    assert period_of("today", after_midnight).last == date(2026, 3, 9)


def test_a_filter_that_a_metric_does_not_know_leaves_its_panel_alone() -> None:
    boards = load_boards()
    assert "shop" not in filters_of(boards["stock"].panels["totals"].step)
    step = boards["stock"].panels["totals"].step
    chosen = Chosen((("shop", ("101",)), ("category", ("鞋",))))
    (asked,) = statements(load_catalogue(), step, NOW, chosen, {}, finance=False)
    assert "鞋" in str(asked.parameters.values())
    assert "101" not in str(asked.parameters.values())


def test_a_weeks_sales_are_asked_of_the_rows_that_are_shown() -> None:
    step = load_boards()["stock_warning"].panels["sold_out"].step
    (asked,) = (each.sql for each in statements(load_catalogue(), step, NOW, Chosen(), {}, finance=False))
    week, now = asked.split("NULL AS m0", 1)
    assert "FROM dws.dws_shop_sku_day FINAL" in week
    assert "WHERE (sku_id) IN" in week
    assert "WHERE available_qty <= 0.0" in week
    assert "WHERE (sku_id) IN" not in now


def test_what_is_optional_gives_way_to_a_filter_it_does_not_know(tmp_path: Path) -> None:
    values = [{"metric": "out_amount"}, {"metric": "net_receipt", "optional": True}]
    board = load_board(changed(tmp_path, "trend", "panels", "today", "values", value=values))
    step, catalogue = board.panels["today"].step, load_catalogue()
    assert filters_of(step) == ("shop", "platform", "category", "day")
    for filters, columns in (
        ((("shop", ("101",)),), {"out_amount", "net_receipt"}),
        ((("category", ("鞋",)),), {"out_amount"}),
    ):
        asked = list(statements(catalogue, step, NOW, Chosen(filters), {}, finance=False))
        assert {name for each in asked for name in each.columns} == columns
    shown = panel_shape(board.panels["today"], board, "zh", finance=False)["columns"]
    assert [column["unreached_by"] for column in shown] == [[], ["category"]]


def test_every_step_can_be_asked_with_the_rows_above_it() -> None:
    catalogue, example = load_catalogue(), {"shop_id": "101", "wms_co_id": "11001", "hour": "9", "day": "2026-03-08"}
    for board in load_boards().values():
        for panel in board.panels.values():
            keys = dict[str, list[str]]()
            for step in steps(panel):
                asked = list(statements(catalogue, step, NOW, Chosen(), keys, finance=True))
                assert {name for each in asked for name in each.columns} >= {value.column for value in step.values}
                keys |= {cut: [example.get(cut, "甲")] for cut in step.by}
