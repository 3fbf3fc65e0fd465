"""How long a renamed SKU, category, shop or rate takes to reach rows already written: ``python -m bench.relabel``.

Orders of two lines over 60 days, loaded and merged; then SKUs are renamed whose lines are about ``--lines``, and
relabelled as ``jst_dimensions`` does it. Starts servers of its own and removes them. Exit code 1 when a label differs
from the dimension afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from clickhouse_driver import Client

from bench.instruments.addresses import Address, connect, loader
from jst.control.database import Database
from jst.control.postgres_migrations import migrate as migrate_control
from jst.model.module import load_module
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from jst.warehouse.widen_tables import stale
from jst.workbook.shops import Fee, Shop, Shops, store_shops
from local.instance import Instance
from local.layout import TOOLS

SKUS, DAYS, ORDERS_AT_ONCE = 30_000, 60, 500_000
SALE_OUT = load_module("sale_out")
_DWD = """
INSERT INTO dwd.dwd_sale_out (io_id, key_time, shop_id, status, created, modified, io_date, pay_amount, paid_amount,
    free_amount, freight, lines.line_id, lines.sku_id, lines.qty, lines.price, fetched_at, version)
SELECT toString(100000000 + number), at, 101 + number % 8, 'Confirmed', at, at, at, 100, 100, 0, 0, ['1', '2'],
    [concat('K', toString(number * 2 % {skus})), concat('K', toString((number * 2 + 1) % {skus}))], [1, 1], [50, 50],
    at, bitShiftLeft(toUInt64(toUnixTimestamp(at)), 32)
FROM (SELECT number, toDateTime(now(), 'Asia/Shanghai') - toUInt32({days} * 86400 * (1 - number / {orders})) AS at
      FROM numbers({first}, {count}))"""
_DWS = """
INSERT INTO dws.dws_sale_out (io_id, key_time, line_id, shop_id, shop_name, platform, status, is_shipped, sku_id, i_id,
    sku_name, category, brand, qty, price, out_amount, gmv, paid_amount, platform_fee, created, modified, io_date,
    biz_day, biz_hour, fetched_at, version)
SELECT io_id, key_time, line_id, shop_id, concat('店 ', toString(shop_id)), '天猫', status, 1, sku, concat('I', sku),
    concat('商品 ', sku), '女装', '甲', 1, 50, 50, 50, 50, 2.5, created, modified, io_date, toDate(io_date),
    toHour(io_date), fetched_at, version
FROM dwd.dwd_sale_out
ARRAY JOIN lines.line_id AS line_id, lines.sku_id AS sku
WHERE toUInt64(io_id) - 100000000 BETWEEN {first} AND {first} + {count} - 1"""
_DIM = """
INSERT INTO dim.dim_sku (sku_id, i_id, name, category, brand, version)
SELECT concat('K', toString(number)) AS sku, concat('I', sku), concat('商品 ', sku, %(suffix)s), '女装', '甲',
    %(version)s
FROM numbers(%(skus)s)"""


class FilledTables:
    """Servers of its own with ``orders`` orders in them."""

    def __init__(self, instance: Instance) -> None:
        self.address = Address(instance.postgres(), {"bootstrap.servers": "127.0.0.1:9"}, instance.clickhouse())
        with Database(self.address.dsn) as database:
            migrate_control(database)
        self.warehouse: Client = connect(self.address)
        migrate_warehouse(self.warehouse)

    def fill(self, orders: int) -> None:
        shops = tuple(Shop(shop, f"S{shop:06d}", f"店 {shop}", "天猫", "bench", "", True) for shop in range(101, 109))
        fees = tuple(Fee(shop.shop_id, date(2025, 1, 1), Decimal("0.05")) for shop in shops)
        store_shops(self.warehouse, Shops(shops, fees))
        self.rename(SKUS, "", 1)
        for first in range(0, orders, ORDERS_AT_ONCE):
            words = {"first": first, "count": min(ORDERS_AT_ONCE, orders - first), "orders": orders, "skus": SKUS}
            for insert in (_DWD, _DWS):
                self.warehouse.execute(insert.format(**words, days=DAYS))
        for table in ("dwd.dwd_sale_out", "dws.dws_sale_out"):
            self.warehouse.execute(f"OPTIMIZE TABLE {table} FINAL", settings={"send_receive_timeout": 900})

    def rename(self, skus: int, suffix: str, version: int) -> None:
        self.warehouse.execute(_DIM, {"skus": skus, "suffix": suffix, "version": version})

    def look(self) -> tuple[float, int]:
        """Seconds of one search for stale labels, and how many orders have some."""
        began = time.monotonic()
        found = len(stale(self.warehouse, SALE_OUT))
        return time.monotonic() - began, found


def main() -> int:
    parser = argparse.ArgumentParser("bench.relabel", description="改了标签之后，多久写到已有的行里")
    parser.add_argument("--orders", type=int, default=500_000, metavar="单数", help="每单两行，默认 500000")
    parser.add_argument("--lines", type=int, default=100_000, metavar="行数", help="大约多少行改名，默认 100000")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    given = parser.parse_args()
    folder = TOOLS / "bench" / f"relabel-{os.getpid()}"
    instance = Instance(folder)
    try:
        tables = FilledTables(instance)
        tables.fill(given.orders)
        idle, none = tables.look()
        tables.rename(round(given.lines * SKUS / (2 * given.orders)), " 新", 2)
        with loader(tables.address) as loading:
            began = time.monotonic()
            rows = loading.relabel()
            seconds = time.monotonic() - began
        after, left = tables.look()
    finally:
        instance.close()
        shutil.rmtree(folder, ignore_errors=True)
    told = {"lines": 2 * given.orders, "search_idle_s": round(idle, 2), "written_rows": rows,
            "relabel_s": round(seconds, 1), "search_after_s": round(after, 2), "stale_after": left}  # fmt: skip
    print(
        f"宽表 {2 * given.orders:,} 行：什么都没变时查一遍 {idle:.1f} 秒；"
        f"重写 {rows:,} 行 {seconds:.1f} 秒；之后过时的标签 {left}"
    )
    if given.json:
        given.json.write_text(json.dumps(told))
    return 1 if left or none or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
