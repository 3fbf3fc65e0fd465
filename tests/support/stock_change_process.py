"""A process in which stock changes over to another kind, and which stands still at one point until it is killed:
``python -m tests.support.stock_change_process POINT HOUSE`` prints the point when it has come there."""

from __future__ import annotations

import importlib
import json
import sys
import time
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from jst.addresses import KnownAddresses
from jst.erp.connection_settings import Settings
from jst.model.module import Module
from jst.wiring import Parts
from tests.support.branch_stock import load
from tests.support.clocks import Impatient
from tests.support.house import FIRST_LOAD_DAYS, House


class Process(Parts):
    """The product's own parts; the first load is as short as a house's."""

    def module(self, name: str) -> Module:
        module = super().module(name)
        return replace(module, initial_days=min(module.initial_days, FIRST_LOAD_DAYS))


class Point(NamedTuple):
    """Before the call of ``name`` of ``module`` (``first``: with that first argument); ``reads``: as the live feed
    reads the new kind, else as the loader shows it."""

    module: str
    name: str
    reads: bool
    first: str = ""


POINTS = {
    "shown, the other not forgotten": Point("jst.warehouse.widen_tables", "statement", False, "stock_kind/forget"),
    "while it is read": Point("jst.flow.pull", "Puller._close", reads=True),
    "shown, not noted": Point("jst.control.stock_kinds", "StockKinds.show_read", reads=False),
    "within the switch": Point("jst.control.stock_kinds", "follow_complete", reads=True),
    "before it is shown": Point("jst.flow.load", "show_kind", reads=False),
    "before the warehouses are listed": Point("jst.flow.warehouses", "Warehouses._listed", reads=True),
    "loaded, not marked as loaded": Point("jst.control.plans", "Plans.loaded", reads=False),
    "warehouses noted": Point("jst.flow.pull", "read_warehouses", reads=True),
}


def as_text(house: House) -> str:
    """Return what the process needs to know."""
    address = {name: house.address[name] for name in ("host", "port", "user", "password")}
    return json.dumps({"dsn": house.dsn, "kafka": house.kafka, "clickhouse": address, "moved": house.sandbox.moved,
                       "source": asdict(house.settings)})  # fmt: skip


def stand_still_at(name: str) -> None:
    point = POINTS[name]
    *holder, attribute = point.name.split(".")
    owner: Any = importlib.import_module(point.module)
    for part in holder:
        owner = getattr(owner, part)
    original = getattr(owner, attribute)

    def reached(*args: Any, **options: Any) -> Any:
        if point.first and args[0] != point.first:
            return original(*args, **options)
        print(name, flush=True)
        time.sleep(600)
        raise AssertionError("it was to be killed")

    setattr(owner, attribute, reached)


def main() -> None:
    name, told = sys.argv[1], json.loads(sys.argv[2])
    moved, source = told.pop("moved"), Settings(**told.pop("source"))
    stand_still_at(name)
    with Process(KnownAddresses(**told, source=source), Impatient(lambda: float(moved))) as parts:
        if POINTS[name].reads:
            parts.plan_worker("inventory", "jst_inventory", "killed").catch_up()
        else:
            load(parts)


if __name__ == "__main__":
    main()
