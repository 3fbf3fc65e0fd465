"""The living shop: orders come in, are shipped, changed, cancelled, returned. Frozen, it stands still."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

from local.sandbox.faults import Faults
from local.sandbox.history import NO_HISTORY, History, past
from local.sandbox.kinds import KINDS, after_sale, inventory, sale_out, shop, sku, warehouse
from local.sandbox.kinds.ids import Ids
from local.sandbox.kinds.sale_out import Goods
from local.sandbox.records import Task
from local.sandbox.rhythm import STEADY, Steady
from local.sandbox.rows import Row, decode, encode
from local.sandbox.stock import Stock
from local.sandbox.store import Store
from local.sandbox.times import beijing
from local.sandbox.writer import Writer

STEPS_PER_TICK = 200
"""After a long stop many steps are overdue: they are caught up with bit by bit, not in one long transaction."""


class Shop:
    """``clock`` gives Unix seconds. On an empty store the shop is founded with ``skus`` SKUs and a ``history``.
    ``per_hour`` orders come in: evenly when ``flat``, else as the ``rhythm`` says, on average."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        rng: random.Random,
        clock: Callable[[], float],
        *,
        skus: int,
        per_hour: float,
        history: History = NO_HISTORY,
        rhythm: Steady = STEADY,
        flat: bool = False,
    ) -> None:
        self.store, self._rng, self._clock = store, rng, clock
        self.per_hour, self.flat, self._rhythm = per_hour, flat, rhythm
        self._writer = Writer(store, faults)
        self._ids = Ids(store.dialect, store.number)
        self._last = clock()
        self._orders_owed = self._edits_owed = 0.0
        on_the_way = Goods()
        with store.transaction():
            if store.figures("shop")[0] == 0:
                on_the_way = self._found(skus, history, clock())
            self._branch_out(clock())
        self._stock = Stock(store, self._writer, faults, random.Random(rng.getrandbits(32)), rhythm.restock)
        if store.figures("branch_stock")[0] == 0:
            with store.transaction():
                self._stock.found(clock())
                self._stock.move(Goods(), on_the_way)
                self._stock.flush(clock())
        self._skus = store.keys("sku")
        self._steps = {"sale_out": self._order_step, "after_sale": self._after_sale_step, "inventory": self._arrive}

    def _found(self, skus: int, history: History, now: float) -> Goods:
        """Found the shop with its past; returns the goods that are on their way back to it."""
        on_the_way = Goods()
        goods = list(sku.found(self._rng, skus, now))
        self._fill("sku", goods, now)
        stock = [inventory.found(self._rng, row, self._ids.dialect, now) for row in goods]
        self._fill("inventory", self._rhythm.stocked(self._rng, stock), now)
        for batch in past(self._rng, self._ids, goods, now, history, self._rhythm, self.store.schedule):
            for module, rows in batch.items():
                self._fill(module, rows, now)
            for row in batch["after_sale"]:
                if not any(line["receive_date"] for line in row["items"]):
                    on_the_way.update(after_sale.holds(row))
        return on_the_way

    def _branch_out(self, now: float) -> None:
        """Open the shops and warehouses that are not there yet: one founded by an older sandbox has fewer of them, and
        its new orders would come from nowhere."""
        for module, rows in (("warehouse", warehouse.found()), ("shop", shop.found(now))):
            self._fill(module, (row for row in rows if not self._writer.row(module, KINDS[module].key_of(row))), now)

    def _fill(self, module: str, rows: Iterable[Row], now: float) -> None:
        versions = [self._writer.version(module, row, now) for row in rows]
        if versions:
            self.store.write(*versions)

    @property
    def frozen(self) -> bool:
        """Kept over restarts: a shop that was frozen for a comparison stays so."""
        return bool(self.store.recall("frozen"))

    def tick(self) -> None:
        """Let happen what is due since the last tick, in one transaction; at most one second's worth of new orders."""
        now = self._clock()
        elapsed = min(max(now - self._last, 0.0), 1.0)
        self._last = now
        if self.frozen:
            return
        pace = 1.0 if self.flat else self._rhythm.pace(now)
        self._orders_owed += self.per_hour * pace * elapsed / 3600
        self._edits_owed += self._rhythm.edits * elapsed / 3600
        with self.store.transaction():
            self.store.land("visible <= ?", now)
            while self._orders_owed >= 1:
                self._orders_owed -= 1
                self._order(now)
            for task in self.store.due(now, STEPS_PER_TICK):
                self._steps[task.module](task, now)
            if self._edits_owed >= 1 and self._skus:
                self._edits_owed -= 1
                self._edit_sku(now)
            self._stock.flush(now)

    def _order(self, now: float) -> None:
        wanted = sale_out.line_count(self._rng) if self._skus else 0
        row = sale_out.born(self._rng, self._ids, [self._sellable() for _ in range(wanted)], now)
        key = self._writer.write("sale_out", row, now)
        self._stock.move(Goods(), sale_out.holds(row))
        for delay, step in sale_out.life(self._rng, self._rhythm.returned(row), self._rhythm.slow):
            self.store.schedule(now + delay, Task("sale_out", key, step))

    def _sellable(self) -> Row:
        """Few SKUs sell often; one that is disabled is sold only when luck finds no other."""
        for _ in range(4):
            row = self._writer.row("sku", self._skus[int(len(self._skus) * self._rng.random() ** 2)])
            if row["enabled"] == 1:
                break
        return row

    def _order_step(self, task: Task, now: float) -> None:
        row = self._writer.row("sale_out", task.key)
        if task.step == "pick":
            self._pick(row, task, now)
        elif task.step == "after_sale":
            self._after_sale(row, now)
        else:
            before = sale_out.holds(row)
            sale_out.step(row, task.step, self._rng, now)
            self._save("sale_out", row, now)
            self._stock.move(before, sale_out.holds(row))
            self._stock.move(_goods(task.note), Goods())

    def _pick(self, order: Row, task: Task, now: float) -> None:
        """Its goods are released to picking, which the order does not show; then it is shipped."""
        held = sale_out.picked(order)
        self._stock.move(Goods(), held)
        note = encode([[*what, qty] for what, qty in held.items()])
        self.store.schedule(now + sale_out.PICKING, Task("sale_out", task.key, "confirm", note))

    def _after_sale(self, order: Row, now: float) -> None:
        if order["status"] != "Confirmed":
            return
        row = after_sale.born(self._rng, self._ids, order, now)
        key = self._writer.write("after_sale", row, now)
        self._stock.move(Goods(), after_sale.holds(row))
        for delay, step in after_sale.life(self._rng, row["type"], self._rhythm.slow):
            self.store.schedule(now + delay, Task("after_sale", key, step))

    def _after_sale_step(self, task: Task, now: float) -> None:
        row = self._writer.row("after_sale", task.key)
        before = after_sale.holds(row)
        after_sale.step(row, task.step, self._rng, now, self._ids.dialect)
        self._save("after_sale", row, now)
        self._stock.move(before, after_sale.holds(row))

    def _arrive(self, task: Task, now: float) -> None:
        self._stock.arrive(task, now)

    def _edit_sku(self, now: float) -> None:
        row = self._writer.newest("sku", self._rng.choice(self._skus))
        sku.change(row, self._rng)
        self._save("sku", row, now)

    def _save(self, module: str, row: Row, now: float) -> None:
        row["modified"] = beijing(now)
        self._writer.write(module, row, now)

    def freeze(self) -> None:
        """No new change from now on; all late commits land."""
        with self.store.transaction():
            self.store.land("1")
            self.store.remember("frozen", 1)

    def thaw(self) -> None:
        with self.store.transaction():
            self.store.remember("frozen", 0)

    def touch(self, module: str, keys: list[str]) -> list[str]:
        """Move ``modified`` of these rows to now; returns the keys that do not exist."""
        now, missing = self._clock(), list[str]()
        with self.store.transaction():
            for key in keys:
                row = self._writer.newest(module, key)
                if row:
                    self._writer.write(module, {**row, "modified": beijing(now)}, now)
                else:
                    missing.append(key)
        return missing

    def put(self, module: str, row: Row) -> str:
        """Store the row as given (``modified`` = now when absent); the shop leaves it alone. Returns its key."""
        now = self._clock()
        with self.store.transaction():
            self._let_go(module, KINDS[module].key_of(row), now)
            key = self._writer.write(module, {"modified": beijing(now), **row}, now)
            self.store.plant(module, key)
        if module == "sku":
            self._skus = self.store.keys("sku")
        if module in ("inventory", "branch_stock"):
            self._stock.reload()
        return key

    def _let_go(self, module: str, key: str, now: float) -> None:
        """Let go of the goods: a document of the shop's own that is planted over holds no goods any more."""
        holds = {"sale_out": sale_out.holds, "after_sale": after_sale.holds}.get(module)
        if holds is None or self.store.is_planted(module, key):
            return
        if row := self._writer.newest(module, key):
            self._stock.move(holds(row), Goods())
        for task in self.store.plant(module, key):
            self._stock.move(_goods(task.note), Goods())
        self._stock.flush(now)

    def figures(self) -> dict[str, Any]:
        """Rows and newest ``modified`` of each module."""
        found = {module: self.store.figures(module) for module in KINDS}
        return {
            "rows": {module: count for module, (count, _) in found.items()},
            "newest_modified": {module: newest for module, (_, newest) in found.items()},
        }


def _goods(note: str) -> Goods:
    """Return the goods that a note says are picked; one of a shop whose stock had no warehouses yet names none."""
    lines = decode(note or "[]")
    return Goods({(sku_id, *(where or [0]), field): qty for sku_id, *where, field, qty in lines})
