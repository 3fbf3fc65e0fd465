"""What must hold however often an order changes: one row per line, one sort key, the newest wins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from jst.clock import SHANGHAI
from jst.model.module import load_module
from jst.warehouse.widen_tables import clean, store_raw, widen
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
SALE_OUT = load_module("sale_out")


def _key_times(warehouse: Warehouse) -> set[tuple[datetime, datetime]]:
    pairs = warehouse.rows(
        "SELECT DISTINCT line.key_time, orders.key_time FROM dws.dws_sale_out AS line"
        " INNER JOIN dwd.dwd_sale_out AS orders USING io_id"
    )
    return set(pairs)


@pytest.mark.parametrize("created", [None, "2026-02-03 09:00:00", "0001-01-01 00:00:00"])
def test_sort_key_stays_what_was_stored_first(warehouse: Warehouse, created: str | None) -> None:
    warehouse.order("first", created="2026-01-02 10:00:00")
    warehouse.order("second", created=created, modified="2026-02-03 12:00:00", ticket=2)
    first = datetime(2026, 1, 2, 10, tzinfo=SHANGHAI)
    assert _key_times(warehouse) == {(first, first)}
    assert warehouse.rows("SELECT count(), uniqExact(line_id) FROM dws.dws_sale_out FINAL") == [(1, 1)]


def test_sort_key_is_modified_where_the_source_gave_no_created(warehouse: Warehouse) -> None:
    warehouse.order("first", created=None)
    warehouse.order("second", created="2025-12-31 10:00:00", modified="2026-02-03 12:00:00", ticket=2)
    first = datetime(2026, 1, 2, 12, tzinfo=SHANGHAI)
    assert _key_times(warehouse) == {(first, first)}
    assert warehouse.rows("SELECT created FROM dws.dws_sale_out FINAL") == [
        (datetime(2025, 12, 31, 10, tzinfo=SHANGHAI),)
    ]


def test_two_versions_of_a_new_order_in_one_batch_share_their_sort_key(warehouse: Warehouse) -> None:
    order = {"io_id": 1, "modified": "2026-01-02 12:00:00", "items": [{"ioi_id": 1, "qty": 1, "price": 1}]}
    later = order | {"modified": "2026-01-02 13:00:00", "created": "2025-12-31 10:00:00"}
    warehouse.load("sale_out", "plan", [json.dumps(order), json.dumps(later)])
    first = datetime(2025, 12, 31, 10, tzinfo=SHANGHAI)
    assert _key_times(warehouse) == {(first, first)}


def test_both_cleaned_before_either_is_widened(warehouse: Warehouse) -> None:
    """V1 beside V2: two batches of one load cycle."""
    order = {"io_id": 1, "modified": "2026-01-02 12:00:00", "items": [{"ioi_id": n, "qty": 1} for n in (1, 2)]}
    newer = [json.dumps(order | {"modified": "2026-01-02 12:30:00", "items": []})]
    records = warehouse.store("sale_out", "newer", newer) + warehouse.store("sale_out", "older", [json.dumps(order)])
    assert clean(warehouse.client, SALE_OUT, records) == ["1"]
    widen(warehouse.client, SALE_OUT, ["1"])
    assert warehouse.rows("SELECT line_id FROM dws.dws_sale_out FINAL") == [("0",)]


def test_clean_takes_exactly_the_records_named(warehouse: Warehouse) -> None:
    body = '{"io_id": %d, "modified": "2026-01-02 12:00:00"}'
    records = warehouse.store("sale_out", "plan", [body % 1, body % 2])
    assert clean(warehouse.client, SALE_OUT, records[:1]) == ["1"]
    assert warehouse.rows("SELECT io_id FROM dwd.dwd_sale_out") == [("1",)]
    assert clean(warehouse.client, SALE_OUT, []) == []


def test_a_relabel_of_the_same_version_shows_the_new_label(warehouse: Warehouse) -> None:
    warehouse.order()
    before = warehouse.rows("SELECT version FROM dws.dws_sale_out FINAL")
    sku = {"sku_id": "A", "category": "女装", "modified": "2026-01-05 00:00:00"}
    for ticket, name in enumerate(("新名", "更新的名", "新名")):
        warehouse.load("sku", f"sku-{ticket}", [json.dumps(sku | {"name": name})], ticket=ticket)
        widen(warehouse.client, SALE_OUT, ["1"])
        assert warehouse.rows("SELECT sku_name, category FROM dws.dws_sale_out FINAL") == [(name, "女装")]
        warehouse.client.execute("OPTIMIZE TABLE dws.dws_sale_out FINAL")
        assert warehouse.rows("SELECT sku_name, category FROM dws.dws_sale_out FINAL") == [(name, "女装")]
    assert warehouse.rows("SELECT version FROM dws.dws_sale_out FINAL") == before


@pytest.fixture
def unmerged(warehouse: Warehouse) -> Iterator[Warehouse]:
    """An order not shipped and then shipped: two parts, and only the older one's granule passes an index on biz_day."""
    warehouse.client.execute("SYSTEM STOP MERGES dws.dws_sale_out")
    warehouse.order("first", status="WaitConfirm", io_date=None)
    warehouse.order("second", modified="2026-01-02 13:00:00", ticket=2)
    yield warehouse
    warehouse.client.execute("SYSTEM START MERGES dws.dws_sale_out")


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("biz_day = '1970-01-01'", 0),
        ("biz_day = '2026-01-02'", 1),
        ("io_id = '1' AND status = 'WaitConfirm'", 0),
        ("io_id = '1'", 1),
    ],
)
def test_no_stale_version_shows_through_a_skip_index(unmerged: Warehouse, condition: str, rows: int) -> None:
    assert unmerged.rows(f"SELECT count() FROM dws.dws_sale_out FINAL WHERE {condition}") == [(rows,)]


def test_the_stale_version_would_show_without_exact_mode(unmerged: Warehouse) -> None:
    """The trap is real: whoever turns exact mode off reads an order twice, or in a state it has left."""
    shown = unmerged.rows(
        "SELECT status FROM dws.dws_sale_out FINAL WHERE biz_day = '1970-01-01'"
        " SETTINGS use_skip_indexes_if_final = 1, use_skip_indexes_if_final_exact_mode = 0"
    )
    assert shown == [("WaitConfirm",)]


def test_a_vanished_line_stays_vanished_after_merges(warehouse: Warehouse) -> None:
    lines = [{"ioi_id": n, "sku_id": "A", "qty": 1, "price": 1} for n in (1, 2, 3)]
    warehouse.order("newer", modified="2026-01-02 13:00:00", items=lines[:1], ticket=2)
    warehouse.client.execute("OPTIMIZE TABLE dws.dws_sale_out FINAL")
    warehouse.order("older", items=lines, ticket=1)
    warehouse.client.execute("OPTIMIZE TABLE dws.dws_sale_out FINAL")
    assert warehouse.rows("SELECT line_id FROM dws.dws_sale_out FINAL") == [("1",)]


def test_an_empty_batch_is_stored_as_nothing(warehouse: Warehouse) -> None:
    assert store_raw(warehouse.client, SALE_OUT, []) == 0
    assert widen(warehouse.client, SALE_OUT, []) == 0


def test_a_batch_of_orders_from_very_many_months_is_taken(warehouse: Warehouse) -> None:
    created = [f"{year}-{month:02d}-05 10:00:00" for year in range(2010, 2021) for month in range(1, 13)]
    order = {"modified": "2026-01-02 12:00:00", "items": []}
    warehouse.load(
        "sale_out", "plan", [json.dumps(order | {"io_id": n, "created": t}) for n, t in enumerate(created, 1)]
    )
    assert warehouse.rows("SELECT count() FROM dws.dws_sale_out FINAL") == [(len(created),)]
