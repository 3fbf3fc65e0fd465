"""A shop with a rhythm looks like a company: busy evenings, weekends and promo days, large and small shops, goods that
run out, and a few styles that come back too often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from local.sandbox.history import History
from local.sandbox.kinds.after_sale import RETURNING
from local.sandbox.rhythm import Rhythm
from local.sandbox.times import BEIJING
from local.sandbox.world import SHOPS, WAREHOUSES
from tests.support.sandbox_driver import Driver, by_key

NOON = datetime(2026, 11, 16, 12, tzinfo=BEIJING).timestamp()
"""A Monday; the two weeks before hold Singles' Day and the day before it, both promo days."""
PER_HOUR = 25.0


def company(folder: Path, *, seed: int = 7, days: float = 14, now: float = NOON) -> Driver:
    folder.mkdir(exist_ok=True)
    past = History(days=days, per_hour=PER_HOUR)
    return Driver(folder, now=now, seed=seed, history=past, rhythm=Rhythm(seed), skus=200)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    driver = company(tmp_path_factory.mktemp("company"))
    yield driver
    driver.store.close()


@pytest.fixture(scope="module")
def orders(shop: Driver) -> list[dict[str, Any]]:
    """Those of the past; of older ones only what came back is told."""
    return [row for row in shop.truth() if row["created"] >= "2026-11-02 12:00:00"]


def shares(values: list[Any]) -> dict[Any, float]:
    return {value: count / len(values) for value, count in Counter(values).items()}


def test_evenings_weekends_and_promo_days_are_busier(orders: list[dict[str, Any]]) -> None:
    days = Counter(row["created"][:10] for row in orders)
    ordinary = [days[f"2026-11-{day:02d}"] for day in (3, 4, 5, 6, 9, 12, 13)]
    weekend = [days[f"2026-11-{day:02d}"] for day in (7, 8, 14, 15)]
    usual = sum(ordinary) / len(ordinary)
    assert 1.05 < sum(weekend) / len(weekend) / usual < 1.35
    assert 1.5 < days["2026-11-10"] / usual < 2.2
    assert 3.2 < days["2026-11-11"] / usual < 5
    hours = shares([row["created"][11:13] for row in orders if row["created"][:10] in ("2026-11-09", "2026-11-13")])
    assert max(hours, key=lambda hour: hours[hour]) in ("19", "20", "21")
    assert hours["21"] > 5 * hours["03"]
    rush = shares([row["created"][11:13] for row in orders if row["created"][:10] == "2026-11-11"])
    assert rush["00"] == max(rush.values()) > 5 * hours["00"]


def test_ordinary_weeks_have_the_rate_asked_for() -> None:
    start = datetime(2026, 4, 1, tzinfo=BEIJING).timestamp()
    paces = [Rhythm(3).pace(start + hour * 3600) for hour in range(8 * 7 * 24)]
    assert sum(paces) / len(paces) == pytest.approx(1, abs=0.03)


def test_the_same_seed_has_the_same_past(tmp_path: Path) -> None:
    one, same, other = (company(tmp_path / name, seed=seed, days=1) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    for module in ("sale_out", "after_sale", "sku", "inventory"):
        assert one.truth(module) == same.truth(module)
    assert one.truth() != other.truth()
    for driver in (one, same, other):
        driver.store.close()


def test_a_few_shops_are_large_and_every_warehouse_ships(orders: list[dict[str, Any]]) -> None:
    sizes = shares([row["shop_id"] for row in orders])
    assert sizes.keys() == {shop_id for shop_id, *_ in SHOPS}
    assert sum(sorted(sizes.values())[-3:]) > 0.6
    assert sum(sorted(sizes.values())[:4]) < 0.1
    assert {row["wms_co_id"] for row in orders} == {wms_co_id for wms_co_id, _ in WAREHOUSES}


def test_styles_have_names_of_their_own_and_a_few_come_back_too_often(
    shop: Driver, orders: list[dict[str, Any]]
) -> None:
    names = {sku["i_id"]: sku["name"] for sku in shop.truth("sku")}
    assert len(set(names.values())) == len(names)
    sold = Counter(style for row in orders for style in {line["i_id"] for line in row["items"]})
    kept = by_key(orders)
    back = Counter(
        style
        for row in shop.truth("after_sale")
        if row["io_id"] in kept
        for style in {line["i_id"] for line in kept[row["io_id"]]["items"]}
    )
    rates = [back[style] / count for style, count in sold.items() if count >= 100]
    assert 1 <= len([rate for rate in rates if rate > 0.05]) < len(rates) / 3


def test_goods_come_back_days_later_and_tomorrow_too(shop: Driver) -> None:
    orders = shop.truth()
    returned, kept = shop.truth("after_sale"), by_key(orders)
    waits = [
        datetime.fromisoformat(row["created"]) - datetime.fromisoformat(kept[row["io_id"]]["io_date"])
        for row in returned
    ]
    assert len([wait for wait in waits if wait.days >= 1]) > len(waits) / 2
    paid = Counter(row["confirm_date"][:10] for row in returned if row["confirm_date"])
    assert paid["2026-11-04"] > 0.4 * paid["2026-11-14"] > 3
    assert max(row["modified"] for row in orders + returned) < "2026-11-16 12:00:00"
    assert {row["status"] for row in returned} > {"Waiting", "Refund"}
    coming = shop.store.due(NOON + 2 * 86_400, 10_000)
    assert {(task.module, task.step) for task in coming} >= {("sale_out", "after_sale"), ("after_sale", "refund")}


def test_goods_on_their_way_back_are_the_stocks_from_the_first_moment(shop: Driver) -> None:
    waiting = Counter[str]()
    for row in shop.truth("after_sale"):
        if row["type"] in RETURNING and row["status"] == "Waiting":
            waiting.update({line["sku_id"]: line["qty"] for line in row["items"]})
    assert waiting
    assert {row["sku_id"]: row["sale_refund_qty"] for row in shop.truth("inventory")} == {
        row["sku_id"]: waiting[row["sku_id"]] for row in shop.truth("sku")
    }


def test_the_bestseller_runs_out_while_others_lie_below_their_safety_stock(tmp_path: Path) -> None:
    shop = company(tmp_path, days=0)
    stock = shop.truth("inventory")
    assert 2 <= len([row for row in stock if row["qty"] <= 0]) <= 10
    assert 4 <= len([row for row in stock if 0 < row["qty"] < row["min_qty"]]) <= 25
    shop.run(60)
    row = by_key(shop.truth("inventory"), "sku_id")["K00001-01"]
    assert row["qty"] <= 0 < row["order_lock"] + row["purchase_qty"]
    shop.store.close()


def test_a_rate_told_to_the_shop_is_kept_to_the_second(tmp_path: Path) -> None:
    night = datetime(2026, 11, 16, 3, 30, tzinfo=BEIJING).timestamp()
    shop = company(tmp_path, days=0, now=night)
    shop.run(60)
    assert len(shop.truth()) < 200
    before = len(shop.truth())
    assert shop.post("orders_per_hour", value=7200) == {"value": 7200, "rhythm": False}
    shop.run(60)
    assert len(shop.truth()) == before + 120
    shop.post("orders_per_hour", value=7200, rhythm=True)
    shop.run(60)
    assert len(shop.truth()) < before + 160
    shop.store.close()
