"""A micro-batch reads as much from a large warehouse as from a small one."""

from __future__ import annotations

import json

import pytest

from jst.model.module import load_module
from jst.warehouse.widen_tables import clean, widen
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
SALE_OUT = load_module("sale_out")
ORDERS_AT_ONCE = 30


def test_rows_read_do_not_grow_with_the_tables(warehouse: Warehouse) -> None:
    _history(warehouse, first=0, orders=10_000)
    small = _cycle(warehouse, "small")
    _history(warehouse, first=10_000, orders=90_000)
    large = _cycle(warehouse, "large")
    history = warehouse.rows("SELECT count() FROM dws.dws_sale_out")[0][0]
    assert history > 200_000
    for step, rows in large.items():
        assert rows < 30_000, f"{step} reads {rows} rows of {history}"
        assert rows < small[step] * 2 + 5_000, f"{step}: {small[step]} rows before, {rows} rows now"


def _history(warehouse: Warehouse, *, first: int, orders: int) -> None:
    """Orders of two lines each, one every 20 seconds, merged as they would be in time."""
    client = warehouse.client
    numbers = f"FROM numbers({first}, {orders})"
    time = "toDateTime('2026-01-01 00:00:00', 'Asia/Shanghai') + number * 20"
    client.execute(
        "INSERT INTO ods.sale_out (partition, offset, key, plan_id, attempt, fetched_at, produced_at, body)"
        " SELECT 1, number, toString(100000 + number), concat('old-', toString(intDiv(number, 30))), 1,"
        f" {time}, {time}, '' {numbers}"
    )
    client.execute(
        "INSERT INTO dwd.dwd_sale_out (io_id, key_time, version, lines.line_id, lines.sku_id, lines.qty)"
        f" SELECT toString(100000 + number), {time}, 1, ['1', '2'], ['A', 'B'], [1, 1] {numbers}"
    )
    client.execute(
        "INSERT INTO dws.dws_sale_out (io_id, key_time, version, line_id, sku_id)"
        f" SELECT toString(100000 + number), {time}, 1, line_id, 'A' {numbers} ARRAY JOIN ['1', '2'] AS line_id"
    )
    for table in ("ods.sale_out", "dwd.dwd_sale_out", "dws.dws_sale_out"):
        client.execute(f"OPTIMIZE TABLE {table} FINAL")


def _cycle(warehouse: Warehouse, plan: str) -> dict[str, int]:
    """Rows the server read for one batch of orders that all exist already."""
    body = '{"io_id": %d, "modified": "2026-11-01 12:00:00", "items": [{"ioi_id": 1, "sku_id": "A", "qty": 1}]}'
    bodies = [body % (100_000 + n * 11) for n in range(ORDERS_AT_ONCE)]
    keys = clean(warehouse.client, SALE_OUT, warehouse.store("sale_out", plan, bodies))
    assert keys == sorted(str(json.loads(body)["io_id"]) for body in bodies)
    read = {"clean": warehouse.client.last_query.progress.rows}
    widen(warehouse.client, SALE_OUT, keys)
    return read | {"widen": warehouse.client.last_query.progress.rows}
