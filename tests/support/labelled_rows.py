"""Rows of each wide table that shows labels: one for every label that changes, and one of which the dimensions know
nothing or say nothing."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from jst.clock import SHANGHAI
from jst.workbook.shops import Fee, Shop, Shops, WarehousePlace, store_shops
from tests.support.warehouse import Warehouse

TODAY = datetime.now(SHANGHAI).date()
_SKU = {"i_id": "款", "name": "名", "category": "类", "brand": "牌", "cost_price": "5", "sale_price": "9", "enabled": 1}
_MINE = {"i_id": "源款", "name": "源名"}
"""What a row itself says, for want of a dimension."""


class Labelled(ABC):
    """``turn``: the state all labels are in."""

    module: ClassVar[str]
    key: ClassVar[str]
    columns: ClassVar[str]

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse, self.turn = warehouse, 0
        self.change()
        self.put()

    @abstractmethod
    def put(self) -> None:
        """Load the rows."""

    @abstractmethod
    def wanted(self) -> dict[str, tuple[Any, ...]]:
        """The labels each row has to show, by its key."""

    def shown(self) -> dict[str, tuple[Any, ...]]:
        rows = self.warehouse.rows(f"SELECT {self.key}, {self.columns} FROM dws.dws_{self.module} FINAL")
        return {row[0]: row[1:] for row in rows}

    def change(self) -> None:
        """Every dimension says something new."""
        self.turn += 1
        k, stamp = self.turn, f"2026-02-{self.turn // 24 + 1:02} {self.turn % 24:02}:00:00"
        skus: dict[str, dict[str, Any]] = {
            "K": {}, "Kh": {}, "Kg": {"i_id": "", "name": ""}, "Ki": {"i_id": f"款{k}"}, "Kn": {"name": f"名{k}"},
            "Kc": {"category": f"类{k}"}, "Kb": {"brand": f"牌{k}"}, "Kp": {"cost_price": f"{k}.005"},
            "Ks": {"sale_price": f"{k}"}, "Ke": {"enabled": 1 - 2 * (k % 2)},
        }  # fmt: skip
        self.load("sku", *({"sku_id": each, "modified": stamp} | _SKU | own for each, own in skus.items()))
        houses = {11001: f"仓{k}", 11002: "仓"}
        self.load("warehouse", *({"wms_co_id": n, "name": name, "modified": stamp} for n, name in houses.items()))
        names = {101: (f"店{k}", "台"), 102: ("店", f"台{k}"), 103: ("店", "台"), 104: ("店", "台")}
        shops = tuple(Shop(n, f"S{n:06}", name, platform, "", "", True) for n, (name, platform) in names.items())
        fees = (Fee(103, TODAY, Decimal(k) / 1000),)
        places = WarehousePlace(11001, "省"), WarehousePlace(11002, f"省{k}")
        store_shops(self.warehouse.client, Shops(shops, fees, places, (("破", "脏")[k % 2],)))

    def load(self, module: str, *records: Mapping[str, Any]) -> None:
        self.warehouse.load(module, f"{module}-{self.turn}", [json.dumps(record) for record in records])

    @staticmethod
    def told(plain: tuple[Any, ...], own: Mapping[str, Mapping[int, Any]]) -> dict[str, tuple[Any, ...]]:
        """``plain`` labels, but for what is said of a row by their place."""
        return {key: tuple(said.get(n, label) for n, label in enumerate(plain)) for key, said in own.items()}


class SaleOuts(Labelled):
    module, key = "sale_out", "io_id"
    columns = "i_id, sku_name, category, brand, shop_name, platform, warehouse_name, platform_fee"

    def put(self) -> None:
        own: dict[str, dict[str, Any]] = {
            "i_id": {"sku": "Ki"}, "name": {"sku": "Kn"}, "category": {"sku": "Kc"}, "brand": {"sku": "Kb"},
            "shop": {"shop_id": 101}, "platform": {"shop_id": 102}, "fee": {"shop_id": 103},
            "house": {"wms_co_id": 11001},
            "own": {"sku": "Kg", "shop_id": 999, "shop_name": "源店", "wms_co_id": 77, "warehouse": "源仓"},
        }  # fmt: skip
        for io_id, fields in own.items():
            line = {"ioi_id": "1", "sku_id": fields.pop("sku", "K"), "qty": 1, "price": 1} | _MINE
            order: dict[str, Any] = {"shop_id": 104, "io_date": f"{TODAY} 00:30:00", "paid_amount": "100"} | fields
            self.warehouse.order(io_id, io_id=io_id, items=[line], **order)

    def wanted(self) -> dict[str, tuple[Any, ...]]:
        k = self.turn
        return self.told(("款", "名", "类", "牌", "店", "台", "", Decimal(0)), {
            "i_id": {0: f"款{k}"}, "name": {1: f"名{k}"}, "category": {2: f"类{k}"}, "brand": {3: f"牌{k}"},
            "shop": {4: f"店{k}"}, "platform": {5: f"台{k}"}, "house": {6: f"仓{k}"}, "fee": {7: Decimal(k) / 10},
            "own": {0: "源款", 1: "源名", 4: "源店", 5: "", 6: "源仓"},
        })  # fmt: skip


class AfterSales(Labelled):
    module, key = "after_sale", "as_id"
    columns = "i_id, sku_name, category, shop_name, platform, is_quality"

    def put(self) -> None:
        own: dict[str, dict[str, Any]] = {
            "i_id": {"sku": "Ki"}, "name": {"sku": "Kn"}, "category": {"sku": "Kc"},
            "shop": {"shop_id": 101}, "platform": {"shop_id": 102},
            "odd": {"question_type": " 脏 "}, "even": {"question_type": " 破 "},
            "own": {"sku": "Kg", "shop_id": 999, "shop_name": "源店"}, "stranger": {"sku": "none"},
        }  # fmt: skip
        rows = []
        for as_id, fields in own.items():
            line = {"asi_id": "1", "sku_id": fields.pop("sku", "K"), "qty": 1, "price": 1} | _MINE
            rows.append({
                "as_id": as_id, "shop_id": 104, "status": "Waiting", "created": "2026-01-02 10:00:00",
                "modified": "2026-01-02 12:00:00", "question_type": "不喜欢", "items": [line],
            } | fields)  # fmt: skip
        self.load("after_sale", *rows)

    def wanted(self) -> dict[str, tuple[Any, ...]]:
        k = self.turn
        return self.told(("款", "名", "类", "店", "台", 0), {
            "i_id": {0: f"款{k}"}, "name": {1: f"名{k}"}, "category": {2: f"类{k}"},
            "shop": {3: f"店{k}"}, "platform": {4: f"台{k}"}, "odd": {5: k % 2}, "even": {5: 1 - k % 2},
            "own": {0: "源款", 1: "源名", 3: "源店", 4: ""}, "stranger": {0: "源款", 1: "源名", 2: ""},
        })  # fmt: skip


class Stocks(Labelled):
    module, key = "inventory", "sku_id || '@' || toString(wms_co_id)"
    columns = (
        "i_id, sku_name, category, brand, enabled, cost_price, sale_price, stock_value, warehouse_name,"
        " warehouse_province"
    )

    def put(self) -> None:
        places = [(sku, 0) for sku in ("Ki", "Kn", "Kc", "Kb", "Kp", "Ks", "Ke", "Kg", "none")]
        self.load("inventory", *(
            {"sku_id": sku, "wms_co_id": house, "qty": 3, "modified": "2026-01-02 12:00:00"} | _MINE
            for sku, house in [*places, ("K", 11001), ("Kh", 11002), ("K", 77)]
        ))  # fmt: skip

    def wanted(self) -> dict[str, tuple[Any, ...]]:
        k, nothing = self.turn, Decimal(0)
        cost = k + Decimal("0.01")
        stranger = {0: "源款", 1: "源名", 2: "", 3: "", 4: None, 5: nothing, 6: nothing, 7: nothing}
        return self.told(("款", "名", "类", "牌", 1, Decimal(5), Decimal(9), Decimal(15), "", ""), {
            "Ki@0": {0: f"款{k}"}, "Kn@0": {1: f"名{k}"}, "Kc@0": {2: f"类{k}"}, "Kb@0": {3: f"牌{k}"},
            "Kp@0": {5: cost, 7: 3 * cost}, "Ks@0": {6: Decimal(k)}, "Ke@0": {4: 1 - 2 * (k % 2)},
            "Kg@0": {0: "源款", 1: "源名"}, "none@0": stranger,
            "K@11001": {8: f"仓{k}", 9: "省"}, "Kh@11002": {8: "仓", 9: f"省{k}"}, "K@77": {},
        })  # fmt: skip
