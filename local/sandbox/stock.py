"""The stock follows the documents: what they reserve, take and bring back is summed up and written once per tick."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from local.sandbox.faults import Faults
from local.sandbox.kinds import inventory
from local.sandbox.kinds.sale_out import Goods
from local.sandbox.records import Task
from local.sandbox.rows import Row
from local.sandbox.store import Store
from local.sandbox.times import beijing
from local.sandbox.writer import Writer


class Stock:
    """Writes within the caller's transaction; rows planted by hand are left alone."""

    def __init__(self, store: Store, writer: Writer, faults: Faults, rng: random.Random) -> None:
        self._store, self._writer, self._faults, self._rng = store, writer, faults, rng
        self._pending: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.reload()

    def reload(self) -> None:
        """Look up again which SKUs have a stock the shop may change."""
        self._skus = self._store.keys("inventory")
        self._known = frozenset(self._skus)

    def move(self, before: Goods, after: Goods) -> None:
        """Move stock: a document held ``before`` and holds ``after`` now."""
        for sign, held in ((-1, before), (1, after)):
            for (sku_id, field), qty in held.items():
                self._pending[sku_id][field] += sign * qty

    def flush(self, now: float) -> None:
        """Write what has been moved since the last time."""
        for sku_id, moved in self._pending.items():
            if sku_id in self._known and any(moved.values()):
                self._change(sku_id, moved, now)
        self._pending.clear()

    def _change(self, sku_id: str, moved: Counter[str], now: float) -> None:
        row = self._writer.newest("inventory", sku_id)
        for field, qty in moved.items():
            row[field] += qty
        if inventory.reorder(row, self._rng):
            self._store.schedule(now + self._rng.uniform(60, 1800), Task("inventory", sku_id, "arrive"))
        self._write(row, now)
        if self._faults.silent():
            self._break(now)

    def arrive(self, task: Task, now: float) -> None:
        """Book a purchase that has arrived."""
        row = self._writer.newest("inventory", task.key)
        inventory.arrive(row)
        self._write(row, now)

    def _break(self, now: float) -> None:
        """Let a piece turn out to be defective, which does not move ``modified``."""
        row = self._writer.newest("inventory", self._rng.choice(self._skus))
        row["defective_qty"] += 1
        self._writer.write("inventory", row, now)

    def _write(self, row: Row, now: float) -> None:
        row["modified"] = beijing(now)
        self._writer.write("inventory", row, now)
