"""库存: one row per SKU with the totals over all warehouses."""

from __future__ import annotations

import random

from local.sandbox.kinds.ids import Dialect
from local.sandbox.kinds.kind import Kind
from local.sandbox.rows import Row
from local.sandbox.times import beijing
from local.sandbox.world import DAY

KIND = Kind("inventory", key=("sku_id",))
REORDER = 0.2
"""Chance per change that a SKU below its minimum is ordered again: some are noticed only when they are oversold."""


def found(rng: random.Random, sku: Row, dialect: Dialect, now: float) -> Row:
    """Return the stock of a SKU as it stands when the sandbox opens; a few SKUs are sold out or oversold."""
    least = rng.randint(5, 40)
    most = least + rng.randint(50, 400)
    row: Row = {
        "sku_id": sku["sku_id"],
        "i_id": sku["i_id"],
        "name": sku["name"],
        "qty": rng.choices((rng.randint(least, most), 0, -rng.randint(1, 5)), (94, 4, 2))[0],
        "order_lock": 0,
        "pick_lock": 0,
        "virtual_qty": rng.choices((0, rng.randint(1, 50)), (95, 5))[0],
        "purchase_qty": 0,
        "return_qty": rng.choices((0, rng.randint(1, 8)), (80, 20))[0],
        "in_qty": rng.choices((0, rng.randint(1, 100)), (95, 5))[0],
        "defective_qty": rng.choices((0, rng.randint(1, 6)), (90, 10))[0],
        "allocate_qty": rng.choices((0, rng.randint(1, 30)), (97, 3))[0],
        "sale_refund_qty": 0,
        "customize_qty_1": rng.choices((0, 1), (98, 2))[0],
        "customize_qty_2": 0,
        "customize_qty_3": 0,
        "min_qty": least,
        "max_qty": most,
        "modified": beijing(now - rng.uniform(0, 3) * DAY),
    }
    # The openapi dialect gives it only to those who ask for it.
    return {**row, "lock_qty": rng.choices((0, 5), (98, 2))[0]} if dialect == "gateway" else row


def reorder(row: Row, rng: random.Random) -> bool:
    """Order a SKU again that runs short; whether it was."""
    short = row["qty"] - row["order_lock"] < row["min_qty"] and not row["purchase_qty"]
    if not short or rng.random() >= REORDER:
        return False
    row["purchase_qty"] = row["max_qty"]
    return True


def arrive(row: Row) -> None:
    """Let the purchase come in; what was returned meanwhile goes back on the shelf."""
    row["qty"] += row["purchase_qty"] + row["return_qty"]
    row["purchase_qty"] = row["return_qty"] = 0
