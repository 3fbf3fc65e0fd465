"""The living shop: orders come in, are shipped, changed, cancelled; SKUs are renamed. Frozen, it stands still."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from local.sandbox.faults import Faults
from local.sandbox.kinds import KINDS, sale_out, shops, sku
from local.sandbox.rows import Row, decode, encode
from local.sandbox.store import Store, Version
from local.sandbox.times import beijing, moment

STEPS_PER_TICK = 200
"""After a long stop many steps are overdue: they are caught up with bit by bit, not in one long transaction."""

_THIS_ROW = "module = ? AND key = ?"


class Shop:
    """``clock`` gives Unix seconds. On an empty store the shop is founded with ``skus`` SKUs and no orders."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        rng: random.Random,
        clock: Callable[[], float],
        *,
        skus: int,
        per_hour: float,
    ) -> None:
        self.store, self._faults, self._rng, self._clock = store, faults, rng, clock
        self.per_hour = per_hour
        self._last = clock()
        self._orders_owed = self._edits_owed = 0.0
        if store.figures("shops")[0] == 0:
            self._found(skus)
        self._skus = store.keys("sku")

    def _found(self, skus: int) -> None:
        now = self._clock()
        with self.store.transaction():
            for row in sku.found(self._rng, skus, now):
                self.store.write(self._version("sku", row, now))
            for row in shops.found(now):
                self.store.write(self._version("shops", row, now))

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
        self._orders_owed += self.per_hour * elapsed / 3600
        self._edits_owed += sku.CHANGES_PER_HOUR * elapsed / 3600
        with self.store.transaction():
            self.store.land("visible <= ?", now)
            while self._orders_owed >= 1:
                self._orders_owed -= 1
                self._order(now)
            for key, step in self.store.due(now, STEPS_PER_TICK):
                self._step(key, step, now)
            if self._edits_owed >= 1 and self._skus:
                self._edits_owed -= 1
                self._edit_sku(now)

    def _order(self, now: float) -> None:
        wanted = sale_out.line_count(self._rng) if self._skus else 0
        row = sale_out.born(self._rng, self.store.number, [self._sellable() for _ in range(wanted)], now)
        self._write("sale_out", row, now)
        for delay, step in sale_out.life(self._rng):
            self.store.schedule(now + delay, row["io_id"], step)

    def _sellable(self) -> Row:
        """Few SKUs sell often; one that is disabled is sold only when luck finds no other."""
        for _ in range(4):
            row = self._row("sku", self._skus[int(len(self._skus) * self._rng.random() ** 2)])
            if row["enabled"] == 1:
                break
        return row

    def _step(self, key: str, step: str, now: float) -> None:
        row = self._row("sale_out", key)
        sale_out.step(row, step, self._rng, now)
        row["modified"] = beijing(now)
        self._write("sale_out", row, now)

    def _edit_sku(self, now: float) -> None:
        key = self._rng.choice(self._skus)
        self.store.land(_THIS_ROW, "sku", key)
        row = self._row("sku", key)
        sku.change(row, self._rng)
        row["modified"] = beijing(now)
        self._write("sku", row, now)

    def _row(self, module: str, key: str) -> Row:
        row: Row = decode(self.store.body(module, key) or "{}")
        return row

    def _write(self, module: str, row: Row, now: float) -> str:
        """Commit with the running transaction, or later if the commit_lag fault says so; returns the row's key."""
        version = self._version(module, row, now)
        self.store.number("changes")
        self.store.land(_THIS_ROW, module, version.key)
        lag = None if self.frozen else self._faults.lag()
        if lag is None:
            self.store.write(version)
        else:
            self.store.write_late(version, now + lag)
        return version.key

    def _version(self, module: str, row: Row, now: float) -> Version:
        kind = KINDS[module]
        ts = self.store.number("ts")
        other_id = row.get(kind.other_id) if kind.other_id else None
        return Version(
            module=module,
            key=kind.key_of(row) or f"without-key-{ts}",
            body=encode(row),
            modified=_time(row, "modified") or beijing(now),
            created=_time(row, "created"),
            io_date=_time(row, "io_date"),
            other_id=None if other_id is None else str(other_id),
            ts=ts,
        )

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
                self.store.land(_THIS_ROW, module, key)
                if self.store.body(module, key) is None:
                    missing.append(key)
                    continue
                self._write(module, {**self._row(module, key), "modified": beijing(now)}, now)
        return missing

    def put(self, module: str, row: Row) -> str:
        """Store the row as given (``modified`` = now when absent); the shop leaves it alone. Returns its key."""
        now = self._clock()
        with self.store.transaction():
            key = self._write(module, {"modified": beijing(now), **row}, now)
            self.store.plant(module, key)
        if module == "sku":
            self._skus = self.store.keys("sku")
        return key

    def figures(self) -> dict[str, Any]:
        """Rows and newest ``modified`` of each module."""
        found = {module: self.store.figures(module) for module in KINDS}
        return {
            "rows": {module: count for module, (count, _) in found.items()},
            "newest_modified": {module: newest for module, (_, newest) in found.items()},
        }


def _time(row: Row, name: str) -> str | None:
    """The time a row is found by; None when the field holds no readable time."""
    value = row.get(name)
    text = value[:19] if isinstance(value, str) else None
    return text if moment(text) else None
