"""Every rule by which labels get into a sale-out and are found stale is needed: without it, a changed dimension would
not be seen, or a row would be written again for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.spec import load_module
from jst.warehouse import load, sql
from jst.warehouse.load import widen
from jst.warehouse.shops import Fee, Shop, Shops, store_shops
from tests.integration.warehouse.loading import Warehouse

pytestmark = pytest.mark.clickhouse
TODAY = datetime.now(SHANGHAI).date()
STALE = [
    ("(sku.i_id != '' AND sku.i_id != line.i_id)", "0"),
    ("OR (sku.name != '' AND sku.name != line.sku_name)", ""),
    ("OR sku.category != line.category", ""),
    ("OR sku.brand != line.brand", ""),
    ("shop.name != line.shop_name OR ", ""),
    (" OR shop.platform != line.platform", ""),
    ("OR (house.name != '' AND house.name != line.warehouse_name)", ""),
    ("WHERE stored != round(", "WHERE 0 AND stored != round("),
    ("sku.i_id != '' AND ", ""),
    ("sku.name != '' AND ", ""),
    ("shop.name != '' AND (", "("),
    ("house.name != '' AND ", ""),
]
WIDEN = [
    ("if(sku.i_id != '', sku.i_id, lines.i_id[n])", "lines.i_id[n]"),
    ("if(sku.i_id != '', sku.i_id, lines.i_id[n])", "sku.i_id"),
    ("if(sku.name != '', sku.name, lines.name[n])", "lines.name[n]"),
    ("if(sku.name != '', sku.name, lines.name[n])", "sku.name"),
    ("sku.category, sku.brand,", "'', sku.brand,"),
    ("sku.category, sku.brand,", "sku.category, '',"),
    ("if(shop.name != '', shop.name, shop_name)", "shop_name"),
    ("if(shop.name != '', shop.name, shop_name)", "shop.name"),
    ("shop.platform AS platform", "'' AS platform"),
    ("if(house.name != '', house.name, warehouse)", "warehouse"),
    ("if(house.name != '', house.name, warehouse)", "house.name"),
    ("weighed.biz_day >= fee.valid_from", "weighed.biz_day > fee.valid_from"),
    ("toDecimal128(paid, 2) * fee.fee_rate", "toDecimal128(paid, 2) * 0"),
]


class Labels:
    """One order for each label that changes, and one ("own") of which the dimensions know nothing. ``turn``: the state
    all labels are in."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse, self.turn = warehouse, 0
        self.change()
        own: dict[str, dict[str, Any]] = {
            "i_id": {"sku": "Ki"}, "name": {"sku": "Kn"}, "category": {"sku": "Kc"}, "brand": {"sku": "Kb"},
            "shop": {"shop_id": 101}, "platform": {"shop_id": 102}, "fee": {"shop_id": 103},
            "house": {"wms_co_id": 11001},
            "own": {"sku": "Kg", "shop_id": 999, "shop_name": "源店", "wms_co_id": 77, "warehouse": "源仓"},
        }  # fmt: skip
        for io_id, fields in own.items():
            sku = fields.pop("sku", "K")
            line = {"ioi_id": "1", "sku_id": sku, "qty": 1, "price": 1, "i_id": "源款", "name": "源名"}
            order: dict[str, Any] = {"shop_id": 104, "io_date": f"{TODAY} 00:30:00", "paid_amount": "100"} | fields
            warehouse.order(io_id, io_id=io_id, items=[line], **order)

    def change(self) -> None:
        """Every dimension says something new."""
        self.turn += 1
        k, stamp = self.turn, f"2026-02-{self.turn // 24 + 1:02} {self.turn % 24:02}:00:00"
        sku = {"i_id": "款", "name": "名", "category": "类", "brand": "牌"}
        changed = {"Ki": {"i_id": f"款{k}"}, "Kn": {"name": f"名{k}"}, "Kc": {"category": f"类{k}"},
                   "Kb": {"brand": f"牌{k}"}, "K": {}, "Kg": {"i_id": "", "name": ""}}  # fmt: skip
        self._load("sku", *({"sku_id": each, "modified": stamp} | sku | own for each, own in changed.items()))
        self._load("warehouse", {"wms_co_id": 11001, "name": f"仓{k}", "modified": stamp})
        names = {101: (f"店{k}", "台"), 102: ("店", f"台{k}"), 103: ("店", "台"), 104: ("店", "台")}
        shops = tuple(Shop(n, f"S{n:06}", name, platform, "", "", True) for n, (name, platform) in names.items())
        rate = Decimal(k) / 1000
        store_shops(self._warehouse.client, Shops(shops, (Fee(103, TODAY, rate),)))

    def wanted(self) -> dict[str, tuple[Any, ...]]:
        k = self.turn
        plain: tuple[Any, ...] = ("款", "名", "类", "牌", "店", "台", "", Decimal(0))
        told: dict[str, dict[int, Any]] = {
            "i_id": {0: f"款{k}"}, "name": {1: f"名{k}"}, "category": {2: f"类{k}"}, "brand": {3: f"牌{k}"},
            "shop": {4: f"店{k}"}, "platform": {5: f"台{k}"}, "house": {6: f"仓{k}"}, "fee": {7: Decimal(k) / 10},
            "own": {0: "源款", 1: "源名", 4: "源店", 5: "", 6: "源仓"},
        }  # fmt: skip
        return {io_id: tuple(own.get(n, label) for n, label in enumerate(plain)) for io_id, own in told.items()}

    def shown(self) -> dict[str, tuple[Any, ...]]:
        rows = self._warehouse.rows(
            "SELECT io_id, i_id, sku_name, category, brand, shop_name, platform, warehouse_name, platform_fee"
            " FROM dws.dws_sale_out FINAL"
        )
        return {row[0]: row[1:] for row in rows}

    def _load(self, module: str, *records: dict[str, Any]) -> None:
        self._warehouse.load(module, f"{module}-{self.turn}", [json.dumps(record) for record in records])


@pytest.fixture
def labels(warehouse: Warehouse) -> Labels:
    warehouse.client.execute("TRUNCATE TABLE dim.dim_shop_fee")
    labels = Labels(warehouse)
    assert labels.shown() == labels.wanted()
    return labels


def _broken(name: str, rule: str, without: str) -> Callable[[str], str]:
    """What gives the SQL, ``name`` with one rule broken."""
    whole = sql.statement(name)
    assert whole.count(rule) == 1, (name, rule)
    return lambda asked: whole.replace(rule, without) if asked == name else sql.statement(asked)


def test_a_rule_of_stale_that_is_broken_shows(
    warehouse: Warehouse, labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    survivors = []
    for rule, without in STALE:
        labels.change()
        with monkeypatch.context() as broken:
            broken.setattr(load, "statement", _broken("stale/sale_out", rule, without))
            warehouse.relabel("sale_out")
            if labels.shown() == labels.wanted() and warehouse.relabel("sale_out") == []:
                survivors.append(rule)
        warehouse.relabel("sale_out")
        assert labels.shown() == labels.wanted()
        assert warehouse.relabel("sale_out") == []
    print(f"stale/sale_out: {len(STALE) - len(survivors)} of {len(STALE)} mutants caught")
    assert survivors == []


def test_a_rule_of_widen_that_is_broken_shows(
    warehouse: Warehouse, labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    survivors, module, orders = [], load_module("sale_out"), list(labels.wanted())
    for rule, without in WIDEN:
        labels.change()
        with monkeypatch.context() as broken:
            broken.setattr(load, "statement", _broken("widen/sale_out", rule, without))
            widen(warehouse.client, module, orders)
            if labels.shown() == labels.wanted():
                survivors.append(f"{rule} → {without}")
        widen(warehouse.client, module, orders)
        assert labels.shown() == labels.wanted()
    print(f"widen/sale_out: {len(WIDEN) - len(survivors)} of {len(WIDEN)} mutants caught")
    assert survivors == []
