"""The stock follows the documents: what they reserve, take and bring back is summed up and written once per tick.

Each SKU has a row per warehouse that has it (``branch_stock``) and one over all of them (``inventory``), its sum.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable

from local.sandbox.faults import Faults
from local.sandbox.kinds import branch_stock, inventory
from local.sandbox.kinds.sale_out import Goods
from local.sandbox.records import Task
from local.sandbox.rows import Row
from local.sandbox.store import Store
from local.sandbox.times import beijing
from local.sandbox.writer import Writer

BRANCHES, TOTAL = "branch_stock", "inventory"


class Stock:
    """Writes within the caller's transaction; rows planted by hand are left alone. ``restock``: seconds a purchase
    takes, at least and at most."""

    def __init__(
        self, store: Store, writer: Writer, faults: Faults, rng: random.Random, restock: tuple[float, float]
    ) -> None:
        self._store, self._writer, self._faults, self._rng = store, writer, faults, rng
        self._restock = restock
        self._pending: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self._places: dict[str, list[str]] = {}
        self.reload()

    def found(self, now: float) -> None:
        """Lay the stock of a shop without branches out over its warehouses."""
        rows = (self._writer.row(TOTAL, sku_id) for sku_id in self._store.keys(TOTAL))
        laid = [self._writer.version(BRANCHES, row, now) for total in rows for row in branch_stock.found(total)]
        if laid:
            self._store.write(*laid)
        self.reload()

    def reload(self) -> None:
        """Look up again which SKUs have a stock the shop may change, and where."""
        mine, places = frozenset(self._store.keys(TOTAL)), dict[str, list[str]]()
        for key in self._store.keys(BRANCHES):
            if (sku_id := key.rpartition(branch_stock.KIND.joined)[0]) in mine:
                places.setdefault(sku_id, []).append(key)
        self._places = places

    def move(self, before: Goods, after: Goods) -> None:
        """Move stock: a document held ``before`` and holds ``after`` now. What a warehouse does not have comes from
        the first that has it."""
        for sign, held in ((-1, before), (1, after)):
            for (sku_id, wms_co_id, field), qty in held.items():
                if places := self._places.get(sku_id):
                    key = f"{sku_id}{branch_stock.KIND.joined}{wms_co_id}"
                    self._pending[sku_id][key if key in places else places[0], field] += sign * qty

    def flush(self, now: float) -> None:
        """Write what has been moved since the last time."""
        for sku_id, moved in self._pending.items():
            if any(moved.values()):
                self._change(sku_id, moved, now)
        self._pending.clear()

    def _change(self, sku_id: str, moved: Counter[tuple[str, str]], now: float) -> None:
        def move(row: Row, key: str) -> None:
            for (place, field), qty in moved.items():
                row[field] += qty if place == key else 0
            if inventory.reorder(row, self._rng):
                self._store.schedule(now + self._rng.uniform(*self._restock), Task(TOTAL, sku_id, "arrive"))

        self._rewrite(sku_id, sorted({key for key, _ in moved}), move, beijing(now), now)
        if self._faults.silent():
            self._break(now)

    def arrive(self, task: Task, now: float) -> None:
        """Book the purchases of a SKU that have arrived."""

        def arrive(row: Row, _: str) -> None:
            inventory.arrive(row)

        self._rewrite(task.key, self._places.get(task.key, []), arrive, beijing(now), now)

    def _break(self, now: float) -> None:
        """Let a piece turn out to be defective, which does not move ``modified``."""
        sku_id = self._rng.choice(list(self._places))

        def damage(row: Row, _: str) -> None:
            row["defective_qty"] += 1

        self._rewrite(sku_id, [self._rng.choice(self._places[sku_id])], damage, "", now)

    def _rewrite(
        self, sku_id: str, keys: list[str], change: Callable[[Row, str], None], modified: str, now: float
    ) -> None:
        """Let ``change`` change the rows of some warehouses, and the total by as much. ``modified`` '': stays."""
        total = self._writer.newest(TOTAL, sku_id)
        for key in keys:
            before = self._writer.newest(BRANCHES, key)
            row = {**before, **({"modified": modified} if modified else {})}
            change(row, key)
            for field, value in row.items():
                if isinstance(value, int) and field not in ("wms_co_id", "ts"):
                    total[field] += value - before[field]
            self._writer.write(BRANCHES, row, now)
        self._writer.write(TOTAL, {**total, **({"modified": modified} if modified else {})}, now)
