"""A backlog as pull would leave it: realistic orders in Kafka, their plans and receipts in the control database."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import clickhouse_driver
import msgspec

from bench.instruments.addresses import Address, connect
from jst.clock import SHANGHAI, SystemClock
from jst.control.database import Database
from jst.control.plans import Plans
from jst.control.postgres_migrations import migrate as migrate_control
from jst.flow.reading.records import read_row
from jst.kafka.producer import CountingProducer, ranges
from jst.kafka.record import RawRecord, RecordOrigin
from jst.kafka.topics import create_topics
from jst.model.module import load_module
from jst.model.plan import Receipt
from jst.model.window import Window
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from jst.warehouse.widen_tables import clean, store_raw, widen
from jst.workbook.shops import Fee, Shop, Shops, store_shops
from local.sandbox.kinds import sale_out, sku
from local.sandbox.kinds.ids import Ids
from local.sandbox.rows import Row, encode
from local.sandbox.world import SHOPS

SKUS = 3_000
ORDERS_PER_PLAN = 1_500  # 60 pages of 25: the longest plan of a window
_PATTERNS = 10_000
_PAGE = 25
_DAY = 86_400.0

_decode = msgspec.json.Decoder(float_hook=str).decode  # as the client reads a page


def prepare(address: Address) -> None:
    """Tables, topics, shops and SKUs."""
    with Database(address.dsn) as database:
        migrate_control(database)
    create_topics(address.kafka)
    warehouse = connect(address)
    migrate_warehouse(warehouse)
    shops = tuple(Shop(shop, f"S{shop:06d}", name, platform, "bench", "", True) for shop, name, platform in SHOPS)
    store_shops(warehouse, Shops(shops, tuple(Fee(shop, date(2025, 1, 1), Decimal("0.05")) for shop, *_ in SHOPS)))
    _store_skus(warehouse)
    warehouse.disconnect()


def carry(address: Address, orders: int) -> int:
    """Put ``orders`` into Kafka in plans that wait to be loaded; returns their lines."""
    producer, module = CountingProducer(address.kafka), load_module("sale_out")
    rows, lines = endless_orders(), 0
    with Database(address.dsn) as database:
        plans = Plans(database)
        end = datetime.now(SHANGHAI).replace(microsecond=0)
        for number, first in enumerate(range(0, orders, ORDERS_PER_PLAN)):
            start = end - timedelta(days=3) + timedelta(seconds=number)
            window = Window(start, start + timedelta(seconds=1))
            plan = plans.add(module.name, "initial", "bench", "throughput", window, window.start)
            attempt, batch, began = plans.start_attempt(plan), producer.batch(module.topic), SystemClock().now()
            kept = [read_row(module, row) for row in islice(rows, min(ORDERS_PER_PLAN, orders - first))]
            for index, record in enumerate(kept):
                page = index // _PAGE + 1
                origin = RecordOrigin(plan.plan_id, attempt, str(window), page, first + page, "gateway", began)
                batch.send(record.key, record.body, origin.headers)
            offsets, count = ranges(batch.flush()), len(kept)
            lines += sum(record.body.count(b'"ioi_id"') for record in kept)
            plans.pulled(
                plan,
                Receipt(plan.plan_id, attempt, began, count // _PAGE, count, count, count, 0, count, count, "counted",
                        offsets=offsets),
            )  # fmt: skip
    producer.close()
    return lines


def endless_orders(patterns: int = _PATTERNS) -> Iterator[Row]:
    """Orders of about one and a half lines, each with ids of its own, most of them shipped."""
    rng, numbers, now = random.Random(1), Counter[str](), time.time()
    goods = list(sku.found(rng, SKUS, now - 30 * _DAY))

    def number(series: str) -> int:
        numbers[series] += 1
        return numbers[series]

    ids = Ids("gateway", number)

    def born() -> Row:
        at = now - rng.uniform(60, 3 * _DAY)
        sold = [goods[int(SKUS * rng.random() ** 2)] for _ in range(sale_out.line_count(rng))]
        order = sale_out.born(rng, ids, sold, at)
        if rng.random() < 0.9:
            sale_out.step(order, "confirm", rng, at + 60)
        row: Row = _decode(encode(order))
        return row

    known = [born() for _ in range(patterns)]
    while True:
        for pattern in known:
            series = number("copy")
            items = [line | {"ioi_id": number("line")} for line in pattern["items"]]
            yield pattern | {"io_id": f"CK{series:012d}", "o_id": f"SO{series:012d}", "items": items}


def _store_skus(warehouse: clickhouse_driver.Client) -> None:
    module, now = load_module("sku"), round(time.time() * 1000)
    kept = [
        read_row(module, _decode(encode(row))) for row in sku.found(random.Random(1), SKUS, time.time() - 30 * _DAY)
    ]
    records = [
        RawRecord(0, number, record.key, "sku", 1, 1, 1, now, now, record.body.decode())
        for number, record in enumerate(kept)
    ]
    store_raw(warehouse, module, records)
    widen(warehouse, module, clean(warehouse, module, records))


def lines_shown(address: Address) -> tuple[int, int, Any]:
    """(lines, orders, amount paid) the wide table shows."""
    warehouse = connect(address)
    ((lines, orders, paid),) = warehouse.execute(
        "SELECT count(), uniqExact(io_id), sum(paid_amount) FROM dws.dws_sale_out FINAL"
    )
    warehouse.disconnect()
    return lines, orders, paid
