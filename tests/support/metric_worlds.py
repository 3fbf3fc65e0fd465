"""Rows of the wide tables as the cases write them: what a row leaves out has a default, what follows is derived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec.yaml
from clickhouse_driver import Client

from jst.clock import SHANGHAI

FOLDER = Path(__file__).parents[1] / "integration" / "metrics"
TABLES = {
    "sale_out": "dws.dws_sale_out",
    "after_sale": "dws.dws_after_sale",
    "inventory": "dws.dws_inventory",
    "inventory_day": "dws.dws_inventory_day",
    "sku": "dim.dim_sku",
    "line_cost": "dwd.dwd_line_cost",
    "outlook": "dws.dws_sku_outlook",
    "forecast": "dws.dws_shop_hour_forecast",
}
PLATFORMS = {101: "天猫", 102: "京东"}
STYLES = {"A": "K1", "C": "K1", "B": "K2", "D": "K2", "E": "K3", "F": "K3", "X": "K3", "Z": "K3", "G": "K9", "": ""}
CATEGORIES = {"K1": "上衣", "K2": "裤子", "K3": "鞋", "K9": "赠品", "": ""}
IDS = ("io_id", "o_id", "as_id")
NOW = datetime(2026, 3, 8, 9)  # noqa: DTZ001 - as YAML gives times
KEY_TIME = datetime(2026, 1, 1, tzinfo=SHANGHAI)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """``rows`` by table as written; ``as_of``: the moment the data are of; ``day``: the day most cases ask for."""

    as_of: datetime
    day: date
    rows: dict[str, list[Row]]


@cache
def worlds() -> dict[str, World]:
    text = msgspec.yaml.decode((FOLDER / "worlds.yaml").read_bytes())
    return {name: _world(facts) for name, facts in text.items()}


def world_of(case: Row) -> World:
    """The worlds a case stands on together with rows of its own."""
    known = worlds()
    parts = [known[name] for name in case.get("in", ())] + [_world({"as_of": NOW} | case)]
    rows = {table: [row for part in parts for row in part.rows[table]] for table in TABLES}
    return World(case.get("as_of", parts[0].as_of), case.get("day", parts[0].day), rows)


def _world(facts: Row) -> World:
    as_of = facts["as_of"]
    return World(as_of, facts.get("day", as_of.date()), {table: facts.get(table, []) for table in TABLES})


def store(client: Client, world: World) -> None:
    """Make the tables hold this world and nothing else."""
    for table, name in TABLES.items():
        client.execute(f"TRUNCATE TABLE {name}")
        rows = [_ROW[table](row) for row in world.rows[table]]
        # Versions apart: of one block's rows with an equal key only the newest would be written.
        for version in sorted({int(row.get("version", row.get("is_known", 0))) for row in rows}):
            block = [row for row in rows if int(row.get("version", row.get("is_known", 0))) == version]
            client.execute(f"INSERT INTO {name} ({', '.join(block[0])}) VALUES", block)


def _labels(row: Row) -> Row:
    style = STYLES[row["sku_id"]]
    return {"i_id": style, "category": CATEGORIES[style]}


def _document(row: Row) -> Row:
    shop = {"platform": PLATFORMS[row["shop_id"]]}
    return _labels(row) | shop | {"is_abnormal": int(row["qty"] < 0), "key_time": KEY_TIME}


def _sale_out(given: Row) -> Row:
    row: Row = {"line_id": "1", "o_id": "", "shop_id": 101, "status": "Confirmed", "sku_id": "A", "qty": 1, "price": 10}
    row |= {"wms_co_id": 11001, "created": None, "pay_date": None, "io_date": datetime(2026, 3, 1, 10)}  # noqa: DTZ001
    row |= dict.fromkeys(("discount_amount", "freight_amount", "platform_fee"), 0) | {"version": 1, "is_deleted": 0}
    row |= given
    amount = Decimal(str(row["price"])) * row["qty"]
    due = {"out_amount": amount, "gmv": max(amount, 0), "paid_amount": max(amount, 0)}
    row = due | {"is_shipped": int(row["status"] in ("Confirmed", "Archive"))} | row
    return _typed(row | _document(row) | _axis(row["io_date"]))


def _after_sale(given: Row) -> Row:
    row: Row = {"line_id": "1", "io_id": "", "o_id": "", "shop_id": 101, "type": "仅退款", "status": "待审核"}
    row |= {"is_quality": 0, "sku_id": "A", "qty": 1, "return_qty": 0, "refund_amount": 10, "refund_date": None}
    row |= {"created": datetime(2026, 3, 1, 10), "version": 1, "is_deleted": 0} | given  # noqa: DTZ001
    row["is_refund"] = int(row["status"] == "已退款")
    return _typed(row | _document(row) | _axis(row["created"]))


def _axis(time: datetime | None) -> Row:
    return {"biz_day": time.date() if time else date(1970, 1, 1), "biz_hour": time.hour if time else 0}


def _stock(given: Row) -> Row:
    row: Row = {"wms_co_id": 11001, "order_lock": 0, "min_qty": None, "cost_price": 0, "version": 1, "is_deleted": 0}
    row |= dict.fromkeys(("pick_lock", "virtual_qty", "purchase_qty", "return_qty", "defective_qty"), 0) | given
    free = row["qty"] - row["order_lock"]
    row |= {"available_qty": max(0, free), "oversold_qty": max(0, -free), "is_abnormal": int(row["qty"] < 0)}
    row |= {"stock_value": Decimal(str(row["cost_price"])) * row["qty"]}
    return _typed({"safety_qty": row["min_qty"]} | row | _labels(row))


def _inventory(given: Row) -> Row:
    return _stock({"enabled": 1} | given)


def _sku(given: Row) -> Row:
    return _typed({"enabled": 1, "version": 1} | given)


def _line_cost(given: Row) -> Row:
    row: Row = {"line_id": "1", "sku_id": "A"} | given
    return _typed({name: row[name] for name in ("io_id", "line_id", "sku_id", "cost_price")}
                  | {"is_known": int(row["cost_price"] is not None)})  # fmt: skip


def _outlook(given: Row) -> Row:
    row: Row = {"wms_co_id": 11001, "available_qty": 1, "daily_demand": 1, "run_out_at": None, "version": 1}
    row |= {"is_deleted": 0} | given
    return _typed(row | _labels(row))


def _forecast(given: Row) -> Row:
    row: Row = {
        "biz_day": date(2026, 3, 1),
        "biz_hour": 10,
        "shop_id": 101,
        "method": "prophet",
        "note": "",
        "version": 1,
    }
    row |= {"midnight_amount": given.get("out_amount", 0), "actual_amount": None, "is_incomplete": 0, "is_deleted": 0}
    row |= dict.fromkeys(("own_variance", "hour_error", "day_error"), 0) | given
    return _typed(row | {"platform": PLATFORMS[row["shop_id"]]})


def _typed(row: Row) -> Row:
    """Times get their zone; amounts go as Decimal, so that 0.1 is 0.1."""
    return {name: str(value) if name in IDS else _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=SHANGHAI)
    return Decimal(str(value)) if isinstance(value, float) else value


_ROW = {
    "sale_out": _sale_out,
    "after_sale": _after_sale,
    "inventory": _inventory,
    "inventory_day": _stock,
    "sku": _sku,
    "line_cost": _line_cost,
    "outlook": _outlook,
    "forecast": _forecast,
}
