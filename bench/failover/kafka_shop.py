"""A shop that never stands still, without an ERP: orders made and changed in Kafka as pull would leave them, and the
truth about them."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bench.instruments.addresses import Address
from bench.instruments.order_backlog import endless_orders
from jst.clock import SHANGHAI, SystemClock
from jst.control.database import Database
from jst.control.plans import Plans
from jst.flow.reading.records import read_row
from jst.kafka.producer import CountingProducer, ranges
from jst.kafka.record import RecordOrigin
from jst.model.module import load_module
from jst.model.plan import Receipt
from jst.model.window import Window

MARK = "MARK"
"""Key of an order whose quantity is the number of the batch: who reads it knows how old a state is shown."""
Row = dict[str, Any]


class KafkaShop:
    """Each batch brings new orders, changes to older ones (a line vanishes, a quantity changes) and the mark."""

    def __init__(self, address: Address, *, fresh: int = 25, changed: int = 15) -> None:
        self._database, self._producer = Database(address.dsn), CountingProducer(address.kafka)
        self._plans, self._module = Plans(self._database), load_module("sale_out")
        self._fresh, self._changed = fresh, changed
        self._new, self._rng, self._numbers, self._tickets = endless_orders(500), random.Random(7), count(1), count(1)
        self.rows: dict[str, Row] = {}
        self.batches: dict[str, dict[str, int]] = {}
        self.numbers: dict[str, int] = {}
        """``batches``: plan → key → ticket of each record; ``numbers``: plan → what its mark says."""

    def carry(self) -> None:
        """One batch into Kafka, its plan and receipt into the control database."""
        now, number = datetime.now(SHANGHAI).replace(microsecond=0), next(self._numbers)
        window = Window(now - timedelta(seconds=1), now)
        plan = self._plans.add("sale_out", "initial", "failover", f"batch-{number}", window, window.start)
        attempt, tickets = self._plans.start_attempt(plan), dict[str, int]()
        batch = self._producer.batch(self._module.topic)
        for row in self._changes(number, f"{now:%F %T}"):
            record, ticket = read_row(self._module, row), next(self._tickets)
            origin = RecordOrigin(plan.plan_id, attempt, str(window), 1, ticket, "gateway", SystemClock().now())
            batch.send(record.key, record.body, origin.headers)
            tickets[record.key] = ticket
            self.rows[record.key] = row
        offsets, carried = ranges(batch.flush()), len(tickets)
        self.batches[plan.plan_id], self.numbers[plan.plan_id] = tickets, number
        self._plans.pulled(
            plan,
            Receipt(plan.plan_id, attempt, now, 1, carried, carried, carried, 0, carried, carried, "counted",
                    offsets=offsets),
        )  # fmt: skip

    def _changes(self, number: int, now: str) -> Iterator[Row]:
        known = self._rng.sample(sorted(self.rows), min(self._changed, len(self.rows)))
        for key in known:
            if key != MARK:
                yield self._change(self.rows[key], now)
        for _ in range(self._fresh):
            yield next(self._new) | {"modified": now}
        line = {"ioi_id": "1", "sku_id": "A", "qty": number, "price": "1.00"}
        yield {"io_id": MARK, "shop_id": 101, "status": "Confirmed", "created": "2026-01-02 10:00:00",
               "modified": now, "items": [line]}  # fmt: skip

    def _change(self, row: Row, now: str) -> Row:
        items = [dict(line) for line in row["items"]]
        if len(items) > 1 and self._rng.random() < 0.5:
            items.pop(self._rng.randrange(len(items)))
        elif items:
            items[0]["qty"] = self._rng.randint(1, 9)
        status = self._rng.choice(["Confirmed", "Archive", "Cancelled"])
        return row | {"modified": now, "status": status, "items": items}

    def live(self, over: threading.Event, pause: float) -> None:
        """Carry one batch after the other until it is over."""
        while not over.wait(pause):
            self.carry()

    def truth(self) -> dict[str, tuple[str, str, list[tuple[str, int]]]]:
        """Key → modified, status, lines with their quantities, as the wide table must show them."""

        def lines(row: Row) -> list[tuple[str, int]]:
            return sorted((str(line["ioi_id"]), int(line["qty"])) for line in row["items"]) or [("0", 0)]

        return {key: (row["modified"], row["status"], lines(row)) for key, row in self.rows.items()}

    def close(self) -> None:
        self._producer.close()
        self._database.close()
