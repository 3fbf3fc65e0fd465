"""What is moved and bought, by hand and for any stock."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from jst.errors import Misconfigured
from jst.replenishment.cycles import days_to_cover
from jst.replenishment.experience import Experience, calendar_of
from jst.replenishment.policy import Ahead, need_of, plan
from jst.replenishment.terms import Params, PlanLine, SkuHistory, SkuState
from tests.support.sold_skus import FIRST, KnownDays, history

DAYS = 60
TODAY = FIRST + timedelta(days=DAYS)
PROMOS = KnownDays({TODAY + timedelta(days=4): 3.0})
SURE = Params(cover_days=10, lead_days=4, lead_spread_days=0, service_level=0.5)
TEN = history(*[10.0] * DAYS)
"""Ten pieces every day: with a chance of a half, ten a day are enough."""


def ordered(state: SkuState, params: Params = SURE, past: SkuHistory | None = TEN) -> list[PlanLine]:
    return plan([state], {state.place: past} if past else {}, params, KnownDays({}), TODAY)


@pytest.mark.parametrize(
    ("state", "qty"),
    [
        (SkuState("A", 0, 50), 0),  # five days: four until it comes, and the morning of the fifth
        (SkuState("A", 0, 49), 91),  # up to 50 and nine days more
        (SkuState("A", 0, 49, in_transit=1), 0),
        (SkuState("A", 0, 60, locked=11), 91),
        (SkuState("A", 0, 5, locked=8), 143),  # oversold by three
        (SkuState("A", 0, 70, min_qty=80), 100),  # people promised 80
        (SkuState("A", 0, 0, max_qty=20), 140),  # sales stand above the ERP's maximum
        (SkuState("A", 0, 0, enabled=False), 0),
    ],
)
def test_up_to_what_lasts_until_the_next_but_one(state: SkuState, qty: int) -> None:
    assert sum(line.qty for line in ordered(state)) == pytest.approx(qty, abs=1)


def test_what_was_never_sold_follows_the_erp_or_waits() -> None:
    (line,) = ordered(SkuState("N", 0, 2, min_qty=5, max_qty=30), past=None)
    assert line.qty == 28
    assert "没有销售历史，按 ERP 上下限 5–30 件" in line.reason
    assert ordered(SkuState("N", 0, 2, min_qty=5, max_qty=30), past=history(*[0.0] * DAYS)) == [], "it does not sell"
    (owed,) = ordered(SkuState("N", 0, 0, locked=3), past=history(*[0.0] * DAYS))
    assert owed.qty == 3, "orders wait for what was sold too many"


def test_a_line_says_why_in_one_sentence_with_its_figures() -> None:
    (line,) = ordered(
        SkuState("A", 0, 60, locked=11, in_transit=0, cost_price=Decimal("2.50")), replace(SURE, pack_size=12)
    )
    assert line.reason == (
        "近 60 天在售 60 天，平稳，平日日均 10 件；到货前 4 天按 50% 不断货要备 50 件，加上覆盖 10 天共 140 件；"
        "不补 5 月 5 日卖完；现有 60、占用 11，缺 91 件；按 12 件一装订 96 件"
    )
    assert (line.amount, line.run_out_on) == (Decimal("240.00"), TODAY + timedelta(days=4))


def test_a_promo_day_ahead_is_stocked_for() -> None:
    (line,) = plan([SkuState("A", 0, 65)], {("A", 0): TEN}, SURE, PROMOS, TODAY)
    assert line.qty == pytest.approx(95, abs=1), "seven ordinary days before it arrives, and nine to cover"


def test_a_move_comes_before_a_purchase() -> None:
    states = [SkuState("A", 1, 0, warehouse_name="杭州"), SkuState("A", 2, 200, warehouse_name="东莞")]
    (move,) = plan(states, {("A", 1): TEN, ("A", 2): TEN}, SURE, KnownDays({}), TODAY)
    assert (move.kind, move.wms_co_id, move.source) == ("move", 1, 2)
    assert move.qty == pytest.approx(60, abs=1)
    assert "从东莞调 60 件，那里还留 140 件，自己只要 140 件" in move.reason
    little = [states[0], replace(states[1], qty=160)]
    move, order = plan(little, {("A", 1): TEN, ("A", 2): TEN}, SURE, KnownDays({}), TODAY)
    assert (move.kind, order.kind) == ("move", "order")
    assert [move.qty, order.qty] == pytest.approx([20, 120], abs=1)
    totals = [SkuState("A", 0, 0), SkuState("B", 0, 900)]
    assert {line.kind for line in plan(totals, {("A", 0): TEN}, SURE, KnownDays({}), TODAY)} == {"order"}


def test_the_budget_goes_where_most_margin_is_lost() -> None:
    prices = {"cost_price": Decimal(1), "sale_price": Decimal(2)}
    states = [SkuState("A", 0, 30, **prices), SkuState("B", 0, 0, **prices), SkuState("C", 0, 0)]  # type: ignore[arg-type]
    past = {state.place: TEN for state in states}
    lines = plan(states, past, replace(SURE, budget=Decimal(150), pack_size=10), KnownDays({}), TODAY)
    assert {line.sku_id: (line.priority, line.qty, line.needed_qty) for line in lines} == {
        "B": (1, 140, 140), "A": (2, 10, 110), "C": (3, 140, 140),
    }  # fmt: skip
    assert "预算只够 10 件" in lines[1].reason
    assert "成本价未知，没有计入预算" in lines[2].reason


@pytest.mark.parametrize(
    ("params", "what"),
    [
        (Params(cover_days=0), "覆盖天数 0 不对"),
        (Params(lead_days=91), "到货天数 91 不对"),
        (Params(lead_days=1, lead_spread_days=2), "到货天数的浮动 2 不对"),
        (Params(service_level=95), "服务水平 95 不对"),
        (Params(pack_size=0), "装箱数 0 不对"),
        (Params(budget=Decimal(0)), "预算 0 不对"),
        (Params(category=("帽",)), "没有分类 帽 的库存"),
        (Params(warehouse=(1,)), "源系统只给总库存，不能按仓库补货"),
    ],
)
def test_a_bad_parameter_is_one_sentence_before_anything_runs(params: Params, what: str) -> None:
    with pytest.raises(Misconfigured, match=what):
        ordered(SkuState("A", 0, 1), params)


STATES = some.lists(
    some.builds(
        SkuState,
        sku_id=some.sampled_from("AB"),
        wms_co_id=some.sampled_from((1, 2, 3)),
        qty=some.integers(-5, 400),
        locked=some.integers(0, 40),
        in_transit=some.integers(0, 60),
        min_qty=some.none() | some.integers(0, 60),
        max_qty=some.none() | some.integers(60, 300),
        cost_price=some.none() | some.decimals("0.01", 50, places=2),
        sale_price=some.none() | some.decimals("0.01", 99, places=2),
    ),
    min_size=1,
    unique_by=lambda state: state.place,
)
PAST = {
    ("A", 1): TEN,
    ("A", 2): history(*[0, 0, 3, 0] * (DAYS // 4)),
    ("A", 3): history(*[0.0] * DAYS),
    ("B", 1): history(*[1, 0, 0, 12, 0, 1] * (DAYS // 6)),
    ("B", 2): history(*[5, 30, 2] * (DAYS // 3), returned=[1] * DAYS),
}
PARAMS = some.builds(
    Params,
    cover_days=some.integers(1, 30),
    lead_days=some.integers(3, 20),
    lead_spread_days=some.integers(0, 3),
    service_level=some.sampled_from((0.5, 0.9, 0.99)),
    pack_size=some.sampled_from((1, 6, 25)),
    budget=some.none() | some.decimals(1, 2000, places=2),
)


@settings(max_examples=30, deadline=None)
@given(STATES, PARAMS)
def test_whatever_the_stock_a_plan_is_sound(states: list[SkuState], params: Params) -> None:
    lines = plan(states, PAST, params, PROMOS, TODAY)
    calendar = calendar_of(PAST, PROMOS)
    experience, ahead = Experience(states, PAST, calendar), Ahead.of(params, calendar, TODAY)
    demands = [experience.demand(state) for state in states]
    covers = days_to_cover([demand.daily for demand in demands], params.cover_days)
    needs = {
        state.place: need_of(state, demand, params.service_level, cover, ahead)
        for state, demand, cover in zip(states, demands, covers, strict=True)
    }
    taken: dict[tuple[str, int], int] = defaultdict(int)
    for line in lines:
        assert 0 <= line.qty <= line.needed_qty
        if line.kind == "order":
            assert line.qty % params.pack_size == 0
        else:
            assert line.qty > 0
            assert line.source is not None
            taken[line.sku_id, line.source] += line.qty
    for place, qty in taken.items():
        assert needs[place].state.available - qty >= needs[place].target, "a source keeps what it needs itself"
    if params.budget is not None:
        assert sum((line.amount for line in lines if line.amount), Decimal(0)) <= params.budget
    assert [line.priority for line in lines] == list(range(1, len(lines) + 1))


@settings(max_examples=30, deadline=None)
@given(STATES, PARAMS, some.integers(1, 50))
def test_more_stock_never_means_a_larger_order(states: list[SkuState], params: Params, more: int) -> None:
    free = replace(params, budget=None)
    for state in states:
        before = sum(line.qty for line in plan([state], PAST, free, PROMOS, TODAY))
        after = sum(line.qty for line in plan([replace(state, qty=state.qty + more)], PAST, free, PROMOS, TODAY))
        assert after <= before
