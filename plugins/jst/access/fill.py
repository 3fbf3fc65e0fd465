"""``access.user_shop`` and ``access.user_role``: what the row policies look up, from the workbook and access.yaml."""

from __future__ import annotations

from dataclasses import dataclass

from jst.access.spec import People
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import INSERT_SETTINGS, statement


@dataclass(frozen=True, slots=True)
class Viewer:
    """A known account: the shops it may see, and whether it may see cost."""

    account: str
    shops: frozenset[int]
    finance: bool


def fill(warehouse: Warehouse, people: People) -> int:
    """Make the tables say what the workbook in force and ``people`` say; returns rows written, withdrawn ones included.

    Each table changes in one insert, so that no account is for a moment without a right that stays.
    """
    written = 0
    everybody = sorted({*people.all_shops, *people.finance, *people.buyers, *people.walls})
    all_shops = [*people.all_shops, *(wall for wall, shops in people.walls.items() if shops is None)]
    walls = [(wall, shop) for wall, shops in people.walls.items() for shop in shops or ()]
    for table, parameters in (
        ("user_shop", {"all_shops": all_shops, "walls": walls}),
        ("user_role", {"known": everybody, "finance": list(people.finance), "buyers": list(people.buyers),
                       "owners_buy": people.owners_buy}),
    ):  # fmt: skip
        warehouse.execute(statement(f"access/{table}"), parameters, settings=INSERT_SETTINGS)
        written += int(warehouse.last_query.progress.written_rows)
    return written


def viewers(warehouse: Warehouse) -> list[Viewer]:
    """List every known account, sorted."""
    return [
        Viewer(account, frozenset(shops), bool(finance))
        for account, shops, finance in warehouse.execute(statement("access/accounts"))
    ]
