"""The words of an edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bench.push.world import OWNERS
from jst.metrics.catalogue import load_catalogue
from jst.push.day_figures import ALL, EditionFigures, Found, Value, Values, judge
from jst.push.day_text import MOST_LISTED, change, edition_words, shown
from jst.push.editions import Threshold, load_push

METRICS = load_catalogue().metrics
ON = date(2026, 11, 30)
DAILY = replace(load_push().editions["daily"], metrics=("out_amount", "out_order_count", "after_sale_rate"))
RATE, FALL, OVERSOLD = DAILY.unusual
BEFORE, WEEK = DAILY.compared(ON)


def words(found: list[Found]) -> tuple[str, ...]:
    values: Values = {"out_amount": Decimal("123456.78"), "out_order_count": 987, "after_sale_rate": Decimal("0.0312")}
    before: Values = {"out_amount": Decimal("120000.00"), "out_order_count": 1000, "after_sale_rate": Decimal("0.0272")}
    week: Values = {"out_amount": None, "out_order_count": 987, "after_sale_rate": None}
    figures = EditionFigures(values, [(BEFORE, before), (WEEK, week)], found, {101: "云杉天猫旗舰店", 102: "乙店"})
    return edition_words(DAILY, DAILY.span(ON), figures, load_catalogue(), lambda shop: OWNERS.get(shop, ()), []).lines


def test_figures_stand_beside_the_day_before_and_the_same_weekday() -> None:
    assert words([]) == (
        "**出库金额** 12.35万 元　比前一日 ▲ 2.9%，比上周日 —",
        "**出库单数** 987 单　比前一日 ▼ 1.3%，比上周日 持平",
        "**售后率** 3.12%　比前一日 ▲ 0.4 个百分点，比上周日 —",
    )


def test_what_is_unusual_names_shop_figure_line_and_owner() -> None:
    found = [
        Found(RATE, 101, Decimal("0.071"), None, 120),
        Found(FALL, 102, Decimal(800), Decimal(2000), 40),
        Found(RATE, 103, Decimal("0.06"), None, 31),
        Found(OVERSOLD, ALL, Decimal(12), None, None),
    ]
    assert words(found)[3:] == (
        "**需要看的**",
        "⚠ 乙店 出库金额大跌：出库金额 800，上周日 2,000，出库单数 40，负责人 li.na、wang.fang",
        "⚠ 云杉天猫旗舰店 售后率偏高：售后率 7.1%（线 5%），出库单数 120，负责人 zhang.wei",
        "⚠ 103 售后率偏高：售后率 6%（线 5%），出库单数 31，负责人 未归属，由 oncall 代收",
        "⚠ 超卖：超卖数量 12",
    )


def test_a_flood_is_counted_not_listed() -> None:
    listed = words([Found(RATE, shop, Decimal("0.07"), None, shop) for shop in range(1, 40)])
    assert len(listed) == 3 + 1 + MOST_LISTED + 1
    assert listed[4].startswith("⚠ 39 ")  # the largest first
    assert listed[-1] == f"还有 {39 - MOST_LISTED} 项，见看板"


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (None, "gmv", "—"),
        (Decimal("0.00"), "gmv", "0"),
        (Decimal("-1234.50"), "gmv", "-1,234.5"),
        (Decimal("123456789.00"), "gmv", "1.23亿"),
        (10_000, "out_order_count", "1万"),
        (Decimal("0.0005"), "after_sale_rate", "0.05%"),
    ],
)
def test_a_value_is_written_as_boards_write_it(value: Value, code: str, expected: str) -> None:
    assert shown(value, METRICS[code]) == expected


def test_nothing_is_compared_with_nothing() -> None:
    assert change(Decimal(5), Decimal(0), METRICS["gmv"]) == "—"
    assert change(None, Decimal(3), METRICS["gmv"]) == "—"


@pytest.mark.parametrize(
    ("threshold", "now", "before", "crossed"),
    [
        (RATE, {"after_sale_rate": Decimal("0.06"), "out_order_count": 30}, {}, True),
        (RATE, {"after_sale_rate": Decimal("0.05"), "out_order_count": 300}, {}, False),
        (RATE, {"after_sale_rate": Decimal("0.9"), "out_order_count": 29}, {}, False),
        (RATE, {"after_sale_rate": None, "out_order_count": 100}, {}, False),
        (FALL, {"out_amount": Decimal(50)}, {"out_amount": Decimal(100), "out_order_count": 30}, True),
        (FALL, {}, {"out_amount": Decimal(100), "out_order_count": 30}, True),
        (FALL, {"out_amount": Decimal(51)}, {"out_amount": Decimal(100), "out_order_count": 30}, False),
        (FALL, {"out_amount": Decimal(1)}, {"out_amount": Decimal(100), "out_order_count": 29}, False),
        (OVERSOLD, {"oversold_qty": Decimal(0)}, {}, False),
        (OVERSOLD, {"oversold_qty": Decimal(1)}, {}, True),
    ],
)
def test_a_threshold_needs_enough_to_judge(
    threshold: Threshold, now: dict[str, Value], before: dict[str, Value], crossed: bool
) -> None:
    assert bool(judge(threshold, 101, now, before)) == crossed
