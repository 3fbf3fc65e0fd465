"""Ten days of a sandbox shop, loaded by the product's own path: text in, cleaned, widened; with what a living shop
leaves behind: older versions, vanished lines, abnormal lines, after-sales that name no outbound order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.flow.reading.records import read_row
from jst.kafka.record import RawRecord
from jst.model.module import load_module
from jst.warehouse.day_compare import take_snapshot
from jst.warehouse.widen_tables import clean, store_raw, widen
from jst.workbook.shops import read_workbook, store_shops
from local.layout import SANDBOX_WORKBOOK
from local.sandbox.history import History, past
from local.sandbox.kinds import inventory, sku
from local.sandbox.kinds.ids import Ids
from local.sandbox.rows import Row, encode
from local.sandbox.times import beijing
from tests.support.forecast_rows import forecast_rows, store_forecast
from tests.support.outlook_rows import Lasting, store_outlook

NOW = datetime(2026, 3, 9, 15, 0, tzinfo=SHANGHAI)
AS_OF = NOW - timedelta(minutes=25)
"""The last orders were shipped, and the last refunds paid, around this moment and after it."""
DAYS = 10
SKUS = 1_000
WAREHOUSES = (11001, 11002)
SNAPSHOTS = tuple((NOW - timedelta(days=back)).date() for back in (3, 2, 1))
_AT_ONCE = 5_000

_decode = msgspec.json.Decoder(float_hook=str).decode  # as the client reads a page


class MixedIds(Ids):
    """Numbers, letters before a number, and ids that can be written as no number, in turn."""

    def document(self, prefix: str, serial: str) -> str | int:
        short = super().document(prefix, serial)
        return (serial, short, f"{short}-补")[int(serial) % 3]


@dataclass
class Past:
    """Rows as the source has them at the end; ``stock`` by day, today's included; ``forecast``: what was forecast."""

    skus: list[Row]
    sale_out: list[Row] = field(default_factory=list)
    after_sale: list[Row] = field(default_factory=list)
    stock: dict[date, list[Row]] = field(default_factory=dict)
    forecast: list[tuple[Any, ...]] = field(default_factory=list)
    outlook: list[Lasting] = field(default_factory=list)


class Loader:
    """What load tasks do, without Kafka."""

    def __init__(self, client: Client) -> None:
        self._client, self._numbers = client, count(1)

    def load(self, module: str, rows: Sequence[Row]) -> None:
        spec, at = load_module(module), round(NOW.timestamp() * 1000)
        for start in range(0, len(rows), _AT_ONCE):
            ticket, records = next(self._numbers), []
            for row in rows[start : start + _AT_ONCE]:
                record = read_row(spec, _decode(encode(row)))
                body = record.body.decode()
                records.append(RawRecord(0, next(self._numbers), record.key, "past", 1, ticket, 1, at, at, body))
            store_raw(self._client, spec, records)
            widen(self._client, spec, clean(self._client, spec, records))


def live(client: Client, orders: int) -> Past:
    """Make the shop's ten days and load them; the tables must be empty."""
    rng, numbers = random.Random(20261126), Counter[str]()

    def number(series: str) -> int:
        numbers[series] += 1
        return numbers[series]

    store_shops(client, read_workbook(SANDBOX_WORKBOOK))
    loader, end = Loader(client), NOW.timestamp()
    world = Past(list(sku.found(rng, SKUS, end)))
    for row in rng.sample(world.skus, 20):
        row["created"] = beijing(end - rng.uniform(0, 8) * 86_400)  # on sale for fewer than seven days
    # The last SKUs have no master data, and so neither a price nor a word whether they are enabled.
    loader.load("sku", world.skus[:-10])
    for batch in past(rng, MixedIds("gateway", number), world.skus, end, History(DAYS, orders / DAYS / 24)):
        for module, rows in batch.items():
            for row in rows:
                _disturb(rng, module, row)
            loader.load(module, list(_older(rng, module, rows)))
            loader.load(module, rows)
            getattr(world, module).extend(rows)
    _stock(client, loader, rng, world, end)
    world.forecast = forecast_rows(NOW.date(), DAYS)
    store_forecast(client, world.forecast)
    goods = [(row["sku_id"], row["i_id"], row["category"]) for row in world.skus]
    world.outlook = store_outlook(client, goods, WAREHOUSES, NOW)
    return world


def _disturb(rng: random.Random, module: str, row: Row) -> None:
    chance = rng.random()
    if module == "after_sale" and chance < 0.05:
        row["io_id"] = ""
    elif module == "after_sale" and chance < 0.07 and row["items"]:
        row["items"][0]["qty"] = -1
    elif module == "sale_out" and chance < 0.02 and row["status"] == "Confirmed":
        row["status"] = "Archive"


def _older(rng: random.Random, module: str, rows: list[Row]) -> Iterator[Row]:
    """What some of them were before: refunded, shipped, with a line that is gone."""
    key = {"sale_out": "ioi_id", "after_sale": "asi_id"}[module]
    for row in rows:
        if rng.random() < 0.1 and row["items"]:
            gone = row["items"][0] | {key: f"gone-{row['items'][0][key]}", "qty": 100}
            before = {"status": {"sale_out": "Confirmed", "after_sale": "Refund"}[module], "modified": row["created"]}
            yield row | before | {"items": [*row["items"], gone]}


def _stock(client: Client, loader: Loader, rng: random.Random, world: Past, end: float) -> None:
    for place, day in enumerate((*SNAPSHOTS, NOW.date())):
        rows = []
        for goods in world.skus[:-5]:  # the very last were never seen
            for warehouse in WAREHOUSES:
                row = inventory.found(rng, goods, "gateway", end)
                row |= {"wms_co_id": warehouse, "order_lock": rng.choice((0, 0, 3, 80)), "pick_lock": rng.randint(0, 3)}
                row |= {"modified": beijing(end - 3600 + place), "purchase_qty": rng.randint(0, 9)}
                row |= {"min_qty": None} if rng.random() < 0.2 else {}
                row |= {"defective_qty": None} if rng.random() < 0.1 else {}
                rows.append(row)
        loader.load("inventory", rows)
        world.stock[day] = rows
        if day in SNAPSHOTS:
            take_snapshot(client, day, NOW)
