"""What a SKU will sell: how its selling is classified, and how much is enough, computed by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from jst.replenishment.demand import LARGEST_LINE, Demand, Pattern, look
from jst.replenishment.experience import KNOWN_DAYS, Calendar, Experience, calendar_of
from jst.replenishment.terms import SkuHistory, SkuState
from tests.support.sold_skus import FIRST, KnownDays, history


@pytest.mark.parametrize(
    ("sold", "pattern"),
    [
        ((2, 3, 2, 3, 2, 3), "平稳"),
        ((1, 1, 1, 12, 1, 1), "波动"),
        ((2, 0, 2, 0, 3, 0), "间歇"),
        ((1, 0, 0, 10, 0, 0, 1), "零散"),
        ((0, 0, 0), "无动销"),
    ],
)
def test_how_it_sells_is_classified_as_the_field_does(sold: tuple[int, ...], pattern: Pattern) -> None:
    assert look(history(*sold), np.ones(len(sold))).pattern == pattern


def test_a_day_without_stock_is_no_day_without_demand() -> None:
    sold = (4, 4, 0, 0, 4, 4)
    blind = look(history(*sold), np.ones(6))
    seen = look(history(*sold, in_stock=(1, 1, 0, 0, 1, 1)), np.ones(6))
    assert blind.sold / blind.days == pytest.approx(16 / 6, rel=0.01)
    assert seen.sold / seen.days == pytest.approx(4)


def test_a_promo_day_counts_as_many_ordinary_days() -> None:
    promos = KnownDays({FIRST + timedelta(days=3): 4.0})
    seen = look(history(5, 5, 5, 20, 5), Calendar(promos).weights(FIRST, 5))
    assert seen.sold / seen.days == pytest.approx(5)


def test_weekdays_are_learned_from_all_skus_together() -> None:
    week = (1, 1, 1, 1, 1, 3, 2)  # FIRST is a Monday
    calendar = calendar_of({("A", 0): history(*week * 4)}, KnownDays({}))
    assert calendar.weekdays == pytest.approx(tuple(each / (10 / 7) for each in week))
    assert calendar.span(FIRST, 7) == pytest.approx(7)


def test_what_comes_back_and_can_be_sold_again_is_not_needed_twice() -> None:
    states = [SkuState("A", 0, 0)]
    kept = Experience(states, {("A", 0): history(*[10] * 60)}, Calendar(KnownDays({}))).demand(states[0])
    back = Experience(states, {("A", 0): history(*[10] * 60, returned=[2] * 60)}, Calendar(KnownDays({})))
    assert kept.daily == pytest.approx(10)
    assert back.demand(states[0]).daily == pytest.approx(8)


def test_a_new_sku_sells_as_its_style_does() -> None:
    old = {("A", 0): history(*[6] * 60), ("B", 0): history(*[2] * 60)}
    states = [SkuState(sku_id, 0, 0, i_id="K") for sku_id in "ABN"]
    alone = Experience(states, old, Calendar(KnownDays({}))).demand(states[2])
    assert alone.daily == pytest.approx(4), "the average of its style"
    week = history(*[0] * 53, *[16] * 7, in_stock=[0] * 53 + [1] * 7)
    seen = Experience(states, {**old, ("N", 0): week}, Calendar(KnownDays({}))).demand(states[2])
    own = sum(16 * 0.5 ** (day / 60) for day in range(7))
    days = sum(0.5 ** (day / 60) for day in range(7))
    assert seen.daily == pytest.approx((own + 4 * (KNOWN_DAYS - days)) / KNOWN_DAYS), "its own days, then its style's"
    assert "同款 2 个" in seen.basis
    stranger = Experience([*states, SkuState("X", 0, 0)], old, Calendar(KnownDays({}))).demand(SkuState("X", 0, 0))
    assert (stranger.daily, stranger.basis) == (0, "没有销售历史")


def test_enough_for_lines_of_one_piece_is_the_quantile_of_poisson() -> None:
    ones = np.zeros(LARGEST_LINE + 1)
    ones[1] = 1
    sure = Demand("间歇", 0.5, 1e7, 5e6, 0.5, ones, "")
    chances = np.cumsum([math.exp(-4) * 4**n / math.factorial(n) for n in range(30)])
    for level in (0.5, 0.8, 0.95, 0.99):
        assert sure.enough_for([8.0], level) == int(np.searchsorted(chances, level))


def test_large_lines_and_little_knowledge_ask_for_more() -> None:
    def enough(sizes: dict[int, float], lines: float) -> int:
        chances = np.zeros(LARGEST_LINE + 1)
        for size, chance in sizes.items():
            chances[size] = chance
        mean = float(chances @ np.arange(LARGEST_LINE + 1))
        return Demand("零散", lines / 60 * mean, 60, lines, 1, chances, "").enough_for([10.0], 0.95)

    assert enough({1: 1}, 30) < enough({1: 0.9, 10: 0.1}, 30)
    assert enough({1: 1}, 3) >= 2


def test_enough_for_a_steady_seller_is_mean_and_scatter() -> None:
    sizes = np.zeros(LARGEST_LINE + 1)
    steady = Demand("平稳", 100, 1e9, 1e9, 400, sizes, "")
    assert steady.enough_for([9.0], 0.5) == pytest.approx(900, abs=1)
    assert steady.enough_for([9.0], 0.975) == pytest.approx(900 + 1.96 * 60, abs=5)
    late = steady.enough_for([5.0, 9.0, 13.0], 0.95)
    assert late == pytest.approx(1300 + 1.036 * math.sqrt(13 * 400), abs=10), "0.95 of all is 0.85 of the longest third"


def test_a_short_history_begins_when_the_sku_does() -> None:
    assert look(SkuHistory(date(2026, 3, 1), (), (), (), ()), np.ones(0)).days == 0
