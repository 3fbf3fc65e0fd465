"""A company as boards show it: twelve shops of different size, five warehouses, a month with weekends and a promotion.

Everything is drawn with one seed and counted from the moment ``MOMENT``, so that two runs show the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.warehouse.mart_tables import mart_names, refresh, refresh_week

MOMENT = datetime.now(SHANGHAI).replace(hour=15, minute=42, second=8, microsecond=0) - timedelta(days=1)
"""An afternoon whose figures tests look at, whatever time it is."""
DAYS = 31
SHOPS = {
    101: ("云杉天猫旗舰店", "天猫", 26), 102: ("云杉抖音直播间", "抖音", 21), 103: ("云杉京东自营店", "京东", 14),
    104: ("北屿天猫旗舰店", "天猫", 10), 105: ("北屿拼多多店", "拼多多", 8), 106: ("云杉小红书店", "小红书", 6),
    107: ("云杉快手好物店", "快手", 5), 108: ("北屿抖音直播间", "抖音", 4), 109: ("云杉唯品会专场", "唯品会", 2.5),
    110: ("云杉视频号小店", "视频号", 1.6), 111: ("北屿得物店", "得物", 1.2), 112: ("北屿京东专卖店", "京东", 0.7),
}  # fmt: skip
OWN_SHOPS = {"he.xin": (101, 103), "li.na": (102, 112), "zhao.lei": tuple(SHOPS), "cai.wu": tuple(SHOPS),
             "wall:仓库大屏": (101, 103)}  # fmt: skip
"""Viewer → shops."""
ROLES = {"cai.wu": ("finance", "buyer"), "zhao.lei": ("buyer",)}
WAREHOUSES = {
    11001: ("杭州主仓", "浙江省"), 11002: ("东莞分仓", "广东"), 11003: ("武汉分仓", "湖北"),
    11004: ("天津分仓", "天津市"), 11005: ("成都分仓", "四川"),
}  # fmt: skip
STYLES = {
    "云朵轻薄羽绒服": (399, "外套"), "极地三合一冲锋衣": (529, "外套"), "加绒连帽卫衣": (159, "上装"),
    "美利奴羊毛衫": (269, "上装"), "德绒保暖内衣": (129, "内衣"), "法兰绒家居服": (189, "内衣"),
    "灯芯绒直筒裤": (199, "裤装"), "加绒牛仔裤": (219, "裤装"),
    "雪地短靴": (259, "鞋靴"), "防滑登山鞋": (369, "鞋靴"), "羊羔毛外套": (329, "外套"), "针织围巾": (79, "配饰"),
    "触屏保暖手套": (49, "配饰"), "毛线冷帽": (59, "配饰"), "半身毛呢裙": (239, "裙装"), "中长款风衣": (459, "外套"),
}  # fmt: skip
PROPERTIES = ("黑 M", "米白 L", "藏青 XL")
BAD = {3: 0.085, 8: 0.071, 1: 0.062}
"""Styles whose after-sale rate is above the line."""
SOLD_OUT = 5
"""Place among the goods of the one that sells and is nowhere in stock."""
_PROFILE = [7, 4, 2, 2, 1, 2, 4, 8, 14, 21, 27, 24, 17, 15, 19, 23, 25, 22, 18, 22, 30, 34, 28, 16]
_ORDERS_A_DAY = 600
_FEE = Decimal("0.05")
Row = dict[str, Any]


def goods() -> list[Row]:
    """All SKUs, the best sold first."""
    return [
        {"sku_id": f"YS{number:03}{at + 1}", "i_id": f"YS{number:03}", "name": name, "properties_value": properties,
         "category": category, "price": price}
        for number, (name, (price, category)) in enumerate(STYLES.items())
        for at, properties in enumerate(PROPERTIES)
    ]  # fmt: skip


def store_company(client: Client) -> None:
    """Make the tables hold this company and nothing else."""
    drawn = random.Random(14)
    skus = goods()
    orders = list(_orders(drawn, skus))
    for table, rows in (
        ("dim.dim_shop", _shops()),
        ("dim.dim_sku", [{name: sku[name] for name in sku if name != "price"} | _NEW | {"enabled": 1} for sku in skus]),
        ("dim.dim_warehouse", [{"wms_co_id": key, "warehouse_name": name, "province": province, "version": 1}
                               for key, (name, province) in WAREHOUSES.items()]),
        ("dws.dws_sale_out", orders),
        ("dwd.dwd_line_cost", [_cost(order) for order in orders]),
        ("dws.dws_after_sale", list(_after_sales(drawn, orders))),
        ("dws.dws_inventory", list(_stock(drawn, skus))),
        ("access.user_shop", [{"account": name, "shop_id": shop, "version": 1, "is_deleted": 0}
                              for name, shops in OWN_SHOPS.items() for shop in shops]),
        ("access.user_role", [{"account": name, "role": role, "version": 1, "is_deleted": 0}
                              for name in OWN_SHOPS for role in ("viewer", *ROLES.get(name, ()))]),
    ):  # fmt: skip
        client.execute(f"TRUNCATE TABLE {table}")
        insert(client, table, rows)
    make_marts(client, [(MOMENT - timedelta(days=back)).date() for back in range(DAYS + 1)], 1)


def make_marts(client: Client, days: list[Any], version: int) -> None:
    """Bring the marts of these days to what the wide tables say."""
    for day in days:
        for mart in mart_names():
            refresh(client, mart, day, version)
    refresh_week(client, version)


def insert(client: Client, table: str, rows: list[Row]) -> None:
    """Insert rows that all name the same columns."""
    client.execute(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES", rows)


_NEW = {"fetched_at": MOMENT.replace(tzinfo=None), "version": 1}


def sale(
    sku: Row, shop: int, at: datetime, number: int, qty: int = 1, warehouse: int = 11001, off: float = 0.08
) -> Row:
    """One shipped line, an order of its own."""
    gross = Decimal(sku["price"]) * qty
    discount = (gross * Decimal(off)).quantize(Decimal("0.01"))
    shop_name, platform, _ = SHOPS[shop]
    moment = at.replace(tzinfo=None)
    return {
        "io_id": f"CK{number:08}", "line_id": "1", "o_id": f"SO{number:08}", "shop_id": shop, "shop_name": shop_name,
        "platform": platform, "status": "Confirmed", "is_shipped": 1, "sku_id": sku["sku_id"], "i_id": sku["i_id"],
        "sku_name": sku["name"], "category": sku["category"], "qty": qty, "price": sku["price"], "out_amount": gross,
        "gmv": gross, "discount_amount": discount, "paid_amount": gross - discount, "freight_amount": Decimal(0),
        "platform_fee": ((gross - discount) * _FEE).quantize(Decimal("0.01")), "wms_co_id": warehouse,
        "warehouse_name": WAREHOUSES[warehouse][0], "created": moment - timedelta(hours=9),
        "pay_date": moment - timedelta(hours=8, minutes=number % 240), "io_date": moment, "biz_day": at.date(),
        "biz_hour": at.hour, "key_time": moment, "is_abnormal": 0, "is_deleted": 0, **_NEW,
    }  # fmt: skip


def _orders(drawn: random.Random, skus: list[Row]) -> Iterator[Row]:
    weights = [1 / (1 + rank / 3) for rank in range(len(skus))]
    number = 0
    for back in range(DAYS, -1, -1):
        day = MOMENT - timedelta(days=back)
        factor = (1.25 if day.weekday() >= 5 else 1) * (2.4 if back == 16 else 1) * (1.12 if back == 0 else 1)
        count = int(_ORDERS_A_DAY * factor * drawn.uniform(0.92, 1.08))
        hours = drawn.choices(range(24), _PROFILE, k=count)
        off = 0.18 if back == 16 else drawn.uniform(0.05, 0.11)
        shops = drawn.choices(list(SHOPS), [weight for *_, weight in SHOPS.values()], k=count)
        places = drawn.choices(list(WAREHOUSES), [40, 24, 16, 12, 8], k=count)
        for hour, shop, place, sku in zip(hours, shops, places, drawn.choices(skus, weights, k=count), strict=True):
            at = day.replace(hour=hour, minute=drawn.randrange(60), second=drawn.randrange(60))
            if at < MOMENT:
                number += 1
                yield sale(sku, shop, at, number, drawn.choice((1, 1, 1, 1, 2, 3)), place, off)


def _cost(order: Row) -> Row:
    """What a line cost when it was sold; that of the newest style is not entered yet."""
    style = int(order["i_id"][2:])
    cost = order["price"] * (Decimal("0.38") + Decimal(style % 5) / 25)
    known = style < len(STYLES) - 1
    line = {name: order[name] for name in ("io_id", "line_id", "sku_id")}
    return line | {"cost_price": cost if known else None, "is_known": int(known)}


def _after_sales(drawn: random.Random, orders: list[Row]) -> Iterator[Row]:
    now = MOMENT.replace(tzinfo=None)
    for order in orders:
        if drawn.random() > BAD.get(int(order["i_id"][2:]), drawn.uniform(0.012, 0.04)):
            continue
        created = order["io_date"] + timedelta(hours=drawn.uniform(20, 70))
        refunded = created + timedelta(hours=drawn.uniform(4, 40))
        if created > now:
            continue
        done = refunded <= now
        kept = ("io_id", "o_id", "shop_id", "shop_name", "platform", "sku_id", "i_id", "sku_name", "category", "qty")
        kind = drawn.choices(("普通退货", "仅退款", "换货"), (60, 28, 12))[0]
        yield {
            **{name: order[name] for name in kept}, "as_id": f"AS{order['io_id'][2:]}", "line_id": "1", "type": kind,
            "status": "已退款" if done else drawn.choice(("待审核", "待审核", "已收货")), "is_refund": int(done),
            "refund_date": refunded if done else None, "is_quality": int(drawn.random() < 0.22),
            "return_qty": order["qty"] if done and kind != "仅退款" else 0, "refund_amount": order["paid_amount"],
            "created": created, "biz_day": created.date(), "biz_hour": created.hour, "key_time": created,
            "handle_hours": round((refunded - created).total_seconds() / 3600, 2), "is_abnormal": 0, "is_deleted": 0,
            **_NEW,
        }  # fmt: skip


def _stock(drawn: random.Random, skus: list[Row]) -> Iterator[Row]:
    for rank, sku in enumerate(skus):
        safety = Decimal(40 if rank < 12 else 20)
        for place, (name, province) in WAREHOUSES.items():
            share = {11001: 2.2, 11002: 1.4, 11003: 0.9, 11004: 0.8, 11005: 0.5}[place]
            qty = Decimal(int(drawn.uniform(30, 260) * share))
            lock = Decimal(int(float(qty) * drawn.uniform(0.05, 0.3)))
            if rank % 4 == 2:  # bestsellers that run out
                qty, lock = Decimal(drawn.randrange(0, 7)), Decimal(drawn.randrange(0, 4))
            if rank == SOLD_OUT:
                qty, lock = Decimal(0), Decimal(0)
            if rank in (9, 23) and place == 11002:
                qty = Decimal(-drawn.randrange(1, 5))
            if rank in (2, 16, 30) and place == 11001:
                lock = qty + drawn.randrange(2, 9)
            usable, cost = max(qty, Decimal(0)), sku["price"] * Decimal("0.42")
            yield {
                "sku_id": sku["sku_id"], "wms_co_id": place, "warehouse_name": name, "warehouse_province": province,
                "i_id": sku["i_id"], "sku_name": sku["name"], "category": sku["category"], "enabled": 1, "qty": qty,
                "order_lock": lock, "available_qty": max(usable - lock, Decimal(0)), "safety_qty": safety,
                "oversold_qty": max(lock - qty, Decimal(0)),
                "purchase_qty": Decimal(drawn.choice((0, 0, 50, 120, 300))),
                "cost_price": cost, "stock_value": usable * cost, "is_abnormal": int(qty < 0), "is_deleted": 0, **_NEW,
            }  # fmt: skip


def _shops() -> list[Row]:
    return [
        {"shop_id": shop, "shop_code": f"S{shop}", "shop_name": name, "platform": platform, "active": 1, "version": 1,
         "is_deleted": 0}
        for shop, (name, platform, _) in SHOPS.items()
    ]  # fmt: skip
