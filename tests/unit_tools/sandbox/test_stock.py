"""The stock follows the documents, to the piece."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

from tests.support.sandbox_driver import STOCK, Driver, OpenDriver, by_key


def pieces(lines: list[dict[str, Any]], field: str = "qty") -> Counter[str]:
    total = Counter[str]()
    for line in lines:
        total[line["sku_id"]] += max(line[field], 0)
    return +total


def lines(erp: Driver, module: str, *statuses: str) -> list[dict[str, Any]]:
    return [line for row in erp.truth(module) if row["status"] in statuses for line in row["items"]]


def stock(erp: Driver, field: str) -> Counter[str]:
    return +Counter({row["sku_id"]: row[field] for row in erp.truth("inventory")})


def test_open_orders_reserve_their_goods_at_any_moment(erp: Driver) -> None:
    for _ in range(6):
        erp.run(7)
        assert stock(erp, "order_lock") == pieces(lines(erp, "sale_out", "WaitConfirm"))
    assert any(stock(erp, "order_lock").values())


def test_goods_pass_the_picking_and_leave_with_the_order(erp: Driver) -> None:
    before = by_key(erp.truth("inventory"), "sku_id")
    erp.run(30)
    assert any(stock(erp, "pick_lock").values())
    erp.post("orders_per_hour", value=0)
    erp.run(90)
    assert not stock(erp, "pick_lock")
    shipped = pieces(lines(erp, "sale_out", "Confirmed"))
    bought = [row for row in erp.truth("inventory") if row["purchase_qty"] == 0]
    assert len(shipped) > 30
    quiet = [row for row in bought if row["qty"] == before[row["sku_id"]]["qty"] - shipped[row["sku_id"]]]
    assert len(quiet) > 10


def test_a_shop_opened_before_it_kept_stock_per_warehouse_goes_on(erp: Driver) -> None:
    erp.run(30)
    with closing(sqlite3.connect(erp.folder / "shop.sqlite")) as shop, shop:
        noted = shop.execute("SELECT rowid, note FROM task WHERE step = 'confirm' AND note <> ''").fetchall()
        old = [(json.dumps([[sku, *rest[1:]] for sku, *rest in json.loads(note)]), task) for task, note in noted]
        shop.executemany("UPDATE task SET note = ? WHERE rowid = ?", old)
    assert any(note != "[]" for note, _ in old)
    erp.post("orders_per_hour", value=0)
    erp.run(90)
    assert sum(row["pick_lock"] for row in erp.truth("inventory")) == 0


def test_a_cancelled_order_gives_everything_back(erp: Driver) -> None:
    before = {row["sku_id"]: row["qty"] for row in erp.truth("inventory")}
    erp.run(5)
    for row in erp.truth():
        erp.post("put", module="sale_out", row={"io_id": row["io_id"], "status": "Cancelled"})
    assert not stock(erp, "order_lock")
    assert {row["sku_id"]: row["qty"] for row in erp.truth("inventory")} == before


def test_an_order_planted_over_while_it_is_picked_frees_its_goods(erp: Driver) -> None:
    erp.run(30)
    assert stock(erp, "pick_lock")
    for row in erp.truth():
        erp.post("put", module="sale_out", row={"io_id": row["io_id"]})
    assert not stock(erp, "pick_lock")
    assert not stock(erp, "order_lock")


def test_what_comes_back_is_in_the_returns_store_until_the_next_purchase(lived: Driver) -> None:
    received = pieces(lines(lived, "after_sale", "Received", "Refund"), "r_qty")
    back = stock(lived, "return_qty")
    assert received
    assert any(back[sku] >= qty for sku, qty in received.items())


def test_some_skus_are_oversold_and_bought_again(erp: Driver) -> None:
    erp.shop.per_hour = 360_000
    erp.run(12)
    oversold = [row["sku_id"] for row in erp.truth("inventory") if row["order_lock"] > row["qty"]]
    assert oversold
    erp.shop.per_hour = 0
    erp.run(100)
    rows = by_key(erp.truth("inventory"), "sku_id")
    assert any(rows[sku]["qty"] < 0 for sku in oversold)
    bought = [row for row in rows.values() if row["purchase_qty"]]
    assert bought
    erp.now += 1800
    erp.shop.tick()
    after = by_key(erp.truth("inventory"), "sku_id")
    assert all(after[row["sku_id"]]["qty"] > row["qty"] for row in bought)


def test_every_stock_change_moves_modified(erp: Driver) -> None:
    before = by_key(erp.truth("inventory"), "sku_id")
    erp.run(3)
    changed = [row for row in erp.truth("inventory") if row != before[row["sku_id"]]]
    assert changed
    assert all(row["modified"] >= "2026-03-02 09:00:01" for row in changed)


def test_many_changes_in_one_tick_are_one_write(erp: Driver) -> None:
    erp.shop.per_hour = 3_600_000
    erp.run(1)
    writes = erp.store.recall("changes") - 1000
    assert len(erp.truth()) == 1000
    assert writes <= 40 * 4  # once per SKU and place, once over all of them


def test_silent_changes_move_ts_but_not_modified(open_erp: OpenDriver) -> None:
    before = by_key(open_erp.truth("inventory"), "sku_id")
    open_erp.fault(silent_stock={"share": 1})
    open_erp.run(5)
    moved = [
        row for row in open_erp.truth("inventory") if row["defective_qty"] > before[row["sku_id"]]["defective_qty"]
    ]
    assert moved
    silent = [row for row in moved if row["modified"] == before[row["sku_id"]]["modified"]]
    assert silent
    assert all(row["ts"] > before[row["sku_id"]]["ts"] for row in silent)


def test_the_warehouses_of_a_sku_add_up_to_its_total_at_any_moment(erp: Driver) -> None:
    def pieces_of(module: str) -> Counter[tuple[str, str]]:
        total = Counter[tuple[str, str]]()
        for row in erp.truth(module):
            total.update({(row["sku_id"], name): row[name] for name in row if name.endswith(("qty", "_lock"))})
        return total

    erp.fault(silent_stock={"share": 0.5})
    for _ in range(3):
        erp.run(20)
        assert pieces_of("branch_stock") == pieces_of("inventory")
    erp.now += 1800
    erp.shop.tick()
    assert pieces_of("branch_stock") == pieces_of("inventory")
    places = Counter(row["sku_id"] for row in erp.truth("branch_stock"))
    assert {1, 2, 3, 4, 5} == set(places.values())
    assert len(places) == 40


def test_a_warehouse_is_asked_alone_and_none_asks_for_the_totals(erp: Driver) -> None:
    erp.run(5)
    erp.post("freeze")
    rows = [row for place in range(11001, 11006) for row in erp.rows(STOCK, wms_co_id=place)]
    assert sorted(rows, key=str) == sorted(erp.truth("branch_stock"), key=str)
    assert all("wms_co_id" not in row for row in erp.rows(STOCK))
    ((sku_id, place),) = [(row["sku_id"], row["wms_co_id"]) for row in rows][:1]
    assert erp.rows(STOCK, sku_ids=[sku_id], wms_co_id=place) == rows[:1]
    assert erp.rows(STOCK, wms_co_id=99999) == []


def test_a_planted_stock_is_left_alone(erp: Driver) -> None:
    for row in erp.truth("inventory"):
        erp.post("put", module="inventory", row={"sku_id": row["sku_id"], "qty": 7})
    erp.run(20)
    assert {row["qty"] for row in erp.rows(STOCK)} == {7}
