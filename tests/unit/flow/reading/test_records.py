"""What of a source's row is carried, and by which reason a row is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jst.clock import SHANGHAI
from jst.errors import BadRecord
from jst.flow.reading.records import Record, read_row
from jst.model.module import Module, load_module, module_names

SALE_OUT = load_module("sale_out")
NOON = datetime(2025, 9, 16, 12, tzinfo=SHANGHAI)


def row(**changes: object) -> dict[str, Any]:
    """A good order of two lines."""
    return {
        "io_id": "CK1",
        "o_id": 7,
        "shop_id": 108,
        "modified": "2025-09-16 10:11:12",
        "paid_amount": "99.00",
        "receiver_name": "张三",
        "receiver_mobile": "13912345678",
        "items": [{"ioi_id": 1, "sku_id": "A", "qty": 2}, {"ioi_id": 2, "sku_id": "B", "qty": 1}],
        **changes,
    }


def body(kept: Record) -> dict[str, Any]:
    carried = json.loads(kept.body)
    assert isinstance(carried, dict)
    return carried


def test_a_record_carries_the_allowed_fields_as_the_source_gave_them() -> None:
    kept = read_row(SALE_OUT, row())
    assert body(kept) == {
        "io_id": "CK1",
        "o_id": "7",
        "shop_id": 108,
        "modified": "2025-09-16 10:11:12",
        "paid_amount": "99.00",
        "items": [{"ioi_id": "1", "sku_id": "A", "qty": 2}, {"ioi_id": "2", "sku_id": "B", "qty": 1}],
    }
    assert (kept.key, kept.modified, kept.ts) == ("CK1", datetime(2025, 9, 16, 10, 11, 12, tzinfo=SHANGHAI), None)
    assert kept.unknown == frozenset()


def test_personal_fields_are_neither_carried_nor_reported() -> None:
    kept = read_row(SALE_OUT, row(items=[{"ioi_id": 1, "receiver_phone": "13912345678"}]))
    assert "张三" not in kept.body.decode()
    assert "139" not in kept.body.decode()
    assert kept.unknown == frozenset()


def test_unknown_fields_are_dropped_and_named() -> None:
    kept = read_row(SALE_OUT, row(new_field=1, items=[{"ioi_id": 1, "colour": "red"}], **{"13912345678": "x"}))
    assert kept.unknown == {"new_field", "items.colour", "(不合规的字段名)"}
    assert b"new_field" not in kept.body


def test_the_digest_tells_content_and_row_version_from_key_order() -> None:
    first, again, touched, changed = (
        read_row(SALE_OUT, each, row_versions=True)
        for each in (row(ts=5), dict(reversed(row(ts="5").items())), row(ts=6), row(ts=5, status="Cancelled"))
    )
    assert (first.ts, touched.ts, body(touched)["ts"]) == (5, 6, 6)
    assert first.digest == again.digest
    assert len({each.digest for each in (first, touched, changed)}) == 3
    assert len(first.digest) == 16


@pytest.mark.parametrize("ts", [None, "", "12.5", -1, 1 << 63, True, {}])
def test_where_the_source_gives_row_versions_a_row_without_one_is_a_letter_and_elsewhere_it_is_not_looked_at(
    ts: object,
) -> None:
    with pytest.raises(BadRecord, match="ts") as caught:
        read_row(SALE_OUT, row(ts=ts), row_versions=True)
    assert caught.value.reason == "missing_row_version"
    assert "ts" not in body(read_row(SALE_OUT, row(ts=ts)))


def test_where_a_row_has_no_io_id_its_o_id_is_the_key() -> None:
    for absent in (None, "", "  ", 0, "0", "0000", " 00 "):
        kept = read_row(SALE_OUT, row(io_id=absent))
        assert (kept.key, body(kept).get("io_id")) == ("7", None)


@pytest.mark.parametrize("none", [0, "0", "0000", " 00 ", "0.0", ""])
@pytest.mark.parametrize("module", [load_module(name) for name in module_names()], ids=lambda module: module.name)
def test_an_id_that_is_0_names_nothing_in_any_module(module: Module, none: object) -> None:
    at = {"modified": "2025-09-16 10:11:12"}
    with pytest.raises(BadRecord, match="为 0") as caught:
        read_row(module, at | dict.fromkeys(module.key, none))
    assert caught.value.reason == "missing_key"
    ids = {name for name, kind in module.fields.items() if kind == "id"} - {*module.key}
    line_ids = {name for name, kind in module.line_fields.items() if kind == "id"}
    lines = {module.lines: [dict.fromkeys(line_ids, none)] * 2} if module.lines else {}
    kept = body(read_row(module, at | dict.fromkeys(module.key, 5) | dict.fromkeys(ids, none) | lines, NOON))
    assert not ids & kept.keys()
    assert kept.get(module.lines, []) == [{}, {}] * bool(module.lines)  # two lines, told apart by their place


@pytest.mark.parametrize(
    ("field", "given_value", "carried"),
    [
        ("shop_id", 12, 12),
        ("shop_id", "12", 12),
        ("shop_id", "12.0", 12),
        ("shop_id", 12.0, 12),
        ("shop_id", " -12 ", -12),
        ("shop_id", "", None),
        ("shop_id", None, None),
        ("freight", "12.5000", "12.5000"),
        ("freight", -3, -3),
        ("freight", 0.1, "0.1"),
        ("freight", "1E+2", "100"),
        ("freight", "+.5", "0.5"),
        ("freight", " 7.10 ", "7.10"),
        ("freight", "3.3333333333333333333333333333", "3.33333333333333333333"),
        ("freight", "1e-400", "0.00000000000000000000"),
        ("freight", "", None),
        ("io_date", "", ""),
        ("io_date", "2025-09-16", "2025-09-16"),
        ("io_date", "2025-09-1616:28:12", "2025-09-1616:28:12"),
        ("io_date", "2025-09-30T16:28:12.807", "2025-09-30T16:28:12.807"),
        ("io_date", "0001-01-01 00:00:00", "0001-01-01 00:00:00"),
        ("io_date", "0000-00-00 00:00:00", "0000-00-00 00:00:00"),
        ("so_id", " 4316543219876543210 ", "4316543219876543210"),
        ("so_id", 4316543219876543210, "4316543219876543210"),
        ("labels", "红, 加急", "红, 加急"),
        ("labels", 5, "5"),
    ],
)
def test_spellings_that_are_accepted(field: str, given_value: object, carried: object) -> None:
    assert body(read_row(SALE_OUT, row(**{field: given_value}))).get(field) == carried


@pytest.mark.parametrize(
    ("given_value", "carried"),
    [(True, True), (0, False), ("1", True), ("False", False), ("true", True), ("", None), (None, None)],
)
def test_spellings_of_a_flag(given_value: object, carried: object) -> None:
    assert body(read_row(SALE_OUT, row(items=[{"is_gift": given_value}])))["items"][0].get("is_gift") == carried


@pytest.mark.parametrize(
    ("changes", "reason", "place"),
    [
        ({"io_id": None, "o_id": ""}, "missing_key", "io_id / o_id"),
        ({"modified": None}, "missing_modified", "modified"),
        ({"modified": ""}, "missing_modified", "modified"),
        ({"modified": "0001-01-01 00:00:00"}, "missing_modified", "modified"),
        ({"modified": "2106-01-01 00:00:00"}, "bad_type", "modified"),
        ({"modified": "yesterday"}, "bad_type", "字段 modified"),
        ({"modified": 1757995200}, "bad_type", "字段 modified"),
        ({"modified": "2025-09-16T10:11:12Z"}, "bad_type", "字段 modified"),
        ({"io_date": "2025-02-30 00:00:00"}, "bad_type", "字段 io_date"),
        ({"io_date": "2025-09-16 24:00:00"}, "bad_type", "字段 io_date"),
        ({"shop_id": "12.5"}, "bad_type", "字段 shop_id"),
        ({"shop_id": "１２"}, "bad_type", "字段 shop_id"),
        ({"shop_id": True}, "bad_type", "字段 shop_id"),
        ({"shop_id": 2**63}, "bad_type", "字段 shop_id"),
        ({"shop_id": {"a": 1}}, "bad_type", "字段 shop_id"),
        ({"freight": "abc"}, "bad_type", "字段 freight"),
        ({"freight": "1e400"}, "bad_type", "字段 freight"),
        ({"freight": "NaN"}, "bad_type", "字段 freight"),
        ({"freight": 10**8}, "bad_type", "字段 freight"),
        ({"io_id": {"a": 1}}, "bad_type", "字段 io_id"),
        ({"io_id": False}, "bad_type", "字段 io_id"),
        ({"io_id": "1" * 1_001}, "bad_type", "主键 io_id"),
        ({"io_id": "a\x00b"}, "bad_type", "主键 io_id"),
        ({"status": ["Confirmed"]}, "bad_type", "字段 status"),
        ({"status": "\ud800"}, "bad_type", "字段 status"),
        ({"items": {"sku_id": "A"}}, "bad_lines", "items"),
        ({"items": [{"sku_id": "A"}, "B"]}, "bad_lines", "items[1]"),
        ({"items": [{"ioi_id": 1}, {"ioi_id": 2, "qty": "abc"}]}, "bad_type", "字段 items[1].qty"),
        ({"items": [{"sku_id": {}}]}, "bad_type", "字段 items[0].sku_id"),
        ({"items": [{"ioi_id": 1}, {"sku_id": "A"}]}, "mixed_line_keys", "ioi_id"),
        ({"items": [{"ioi_id": 1}, {"ioi_id": "1"}]}, "repeated_line_key", "ioi_id"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_by_name(changes: dict[str, object], reason: str, place: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read_row(SALE_OUT, row(**changes))
    assert caught.value.reason == reason
    assert place in str(caught.value)
    assert "模块 sale_out" in str(caught.value)


@pytest.mark.parametrize(
    ("module", "record", "field"),
    [
        ("sale_out", {"pay_date": "2025-02-30 00:00:00"}, "pay_date"),
        ("sale_out", {"labels": ["红", "加急"]}, "labels"),
        ("sale_out", {"so_id": True}, "so_id"),
        ("sale_out", {"wms_co_id": 2**63}, "wms_co_id"),
        ("sale_out", {"receiver_city": "杭\ud83d"}, "receiver_city"),
        ("sale_out", {"items": [{"sku_id": "A", "is_gift": "maybe"}]}, "items.is_gift"),
        ("sale_out", {"items": [{"sku_id": "A", "name": "半个表情 \ud83d"}]}, "items.name"),
        ("sale_out", {"items": [{"sku_id": "A", "sale_amount": "9" * 40}]}, "items.sale_amount"),
        ("after_sale", {"payment": "未知"}, "payment"),
        ("after_sale", {"items": [{"sku_id": "A", "receive_date": "昨天"}]}, "items.receive_date"),
        ("inventory", {"virtual_qty": 10**15}, "virtual_qty"),
        ("inventory", {"min_qty": "无"}, "min_qty"),
        ("sku", {"weight": 10**9}, "weight"),
        ("sku", {"created": "2999-01-01 00:00:00"}, "created"),
        ("sku", {"enabled": "是"}, "enabled"),
        ("shop", {"created": 20250101}, "created"),
        ("warehouse", {"is_main": "主仓"}, "is_main"),
    ],
)
def test_a_side_field_that_cannot_be_kept_costs_only_itself(module: str, record: dict[str, Any], field: str) -> None:
    spec = load_module(module)
    good = {"modified": "2025-09-16 10:11:12"} | dict.fromkeys(spec.key, 5)
    kept = read_row(spec, good | record, NOON)
    assert kept.left_empty == {field}
    rest = read_row(spec, good | ({"items": [{"sku_id": "A"}]} if "items" in record else {}), NOON)
    assert kept.body == rest.body


@pytest.mark.parametrize("number", [999_999_999, "999999999", 99_999_999_999_999, "-99999999999999.9999"])
def test_a_stock_that_means_unlimited_is_shown_as_it_is(number: object) -> None:
    stock = {"sku_id": "V0", "qty": 5, "order_lock": 1, "virtual_qty": number, "modified": "2026-11-28 10:00:00"}
    kept = read_row(load_module("inventory"), stock)
    assert (body(kept), kept.left_empty) == (stock, frozenset())


NEEDED = {
    "sale_out": "io_id o_id modified shop_id status io_date pay_amount paid_amount free_amount freight items.ioi_id"
    " items.sku_id items.qty items.price items.sale_price",
    "after_sale": "as_id io_id o_id modified shop_id type status good_status shop_status created confirm_date refund"
    " items.asi_id items.sku_id items.qty items.r_qty items.price",
    "inventory": "sku_id wms_co_id modified qty order_lock",
    "sku": "sku_id modified cost_price",
    "shop": "shop_id",
    "warehouse": "wms_co_id",
}


@pytest.mark.parametrize("name", NEEDED)
def test_keys_times_and_what_money_comes_from_are_never_left_empty(name: str) -> None:
    module = load_module(name)
    assert module.needed == {*NEEDED[name].split()}
    good = {"modified": "2025-09-16 10:11:12"} | dict.fromkeys(module.key, 5)
    for field in module.needed:
        path, _, inner = field.rpartition(".")
        with pytest.raises(BadRecord, match="读不成") as caught:
            read_row(module, good | ({path: [{inner: [1]}]} if path else {inner: [1]}), NOON)
        assert inner in caught.value.what


@pytest.mark.parametrize("garbage", [None, "a 13912345678", 5, [], True])
def test_what_is_no_object_is_refused_without_showing_it(garbage: object) -> None:
    with pytest.raises(BadRecord) as caught:
        read_row(SALE_OUT, garbage)
    assert caught.value.reason == "not_an_object"
    assert "139" not in str(caught.value)


@pytest.mark.parametrize("lines", [None, []])
def test_an_order_without_lines_is_readable(lines: object) -> None:
    assert body(read_row(SALE_OUT, row(items=lines)))["items"] == []


def test_lines_without_any_key_are_readable() -> None:
    assert len(body(read_row(SALE_OUT, row(items=[{"sku_id": "A"}, {"sku_id": "A"}])))["items"]) == 2


def test_a_flat_record_has_no_lines() -> None:
    kept = read_row(load_module("sku"), {"sku_id": 5, "modified": "2025-09-16 10:11:12", "enabled": "-1", "pic": "x"})
    assert body(kept) == {"sku_id": "5", "enabled": -1, "modified": "2025-09-16 10:11:12"}
    assert kept.unknown == frozenset()


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2025-09-16 10:11:12", "0000-00-00", "12", "1e5", "-.5", "true", "1e999", "2025-13-01"])
)
JSON = st.recursive(
    LEAVES,
    lambda deep: (
        st.lists(deep, max_size=3)
        | st.dictionaries(st.sampled_from([*SALE_OUT.fields, *SALE_OUT.line_fields, "items", "?"]), deep, max_size=8)
    ),
    max_leaves=20,
)


@given(JSON | st.fixed_dictionaries({"io_id": JSON, "modified": JSON, "items": JSON}))
def test_any_json_is_kept_or_refused_and_nothing_else(value: object) -> None:
    try:
        kept = read_row(SALE_OUT, value)
    except BadRecord:
        return
    assert kept.key
    assert kept.modified.utcoffset() is not None
    assert set(body(kept)) <= {*SALE_OUT.fields, "items"}


@given(st.dictionaries(st.sampled_from([*SALE_OUT.fields]), JSON, max_size=8))
def test_reading_a_body_again_gives_the_same_record(changes: dict[str, object]) -> None:
    try:
        kept = read_row(SALE_OUT, row(**changes))
    except BadRecord:
        return
    again = replace(kept, unknown=frozenset(), left_empty=frozenset())
    assert read_row(SALE_OUT, msgspec.json.decode(kept.body)) == again


@given(st.decimals(-(10**8) + 1, 10**8 - 1, places=4))
def test_money_keeps_its_value_in_every_spelling(amount: Decimal) -> None:
    for spelled in (str(amount), f"{amount:E}", f" {amount} "):
        assert Decimal(body(read_row(SALE_OUT, row(freight=spelled)))["freight"]) == amount
