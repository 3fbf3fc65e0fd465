"""A house in either dialect, and what reading and loading every module takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jst.model.module import load_module, module_names
from jst.model.words import StockKind
from jst.warehouse.sql import modules_with
from tests.support.house import House
from tests.support.sandbox import Sandbox
from tests.support.stores import Stores, empty_stores

# the sandbox counts no requests here, and neither do we: first loads of three years would wait for slots
UNLIMITED = {
    "gateway": dict.fromkeys(module_names(), 1000),
    "openapi": {"second": 1000, "minute": 60_000},
}


WINDOWS_ONLY = " windows only"
"""Behind a dialect's name: a shop that answers no question by key."""


@contextmanager
def house_in(dialect: str, stores: Stores, data: Path, *options: str, stock: StockKind = "total") -> Iterator[House]:
    """Yield a house on empty stores, with a shop of its own that speaks ``dialect`` and counts no requests."""
    dialect, windows_only, _ = dialect.partition(WINDOWS_ONLY)
    with (
        closing(Sandbox(data, "--dialect", dialect, "--no-quota", *options)) as sandbox,
        closing(House(*stores, sandbox, dialect=dialect, quotas=UNLIMITED[dialect], stock=stock)) as house,
    ):
        empty_stores(stores.dsn, house.warehouse)
        sandbox.standing = {"keys_refused": {}} if windows_only else {}
        sandbox.faults()
        yield house


def read_all(house: House) -> None:
    for module in module_names():
        house.worker(module).catch_up()


def load_all(house: House) -> None:
    for module in sorted(module_names(), key=lambda name: load_module(name).lines != ""):
        while house.loader(module).load_waiting():
            pass
    for module in modules_with("stale"):
        house.loader(module).relabel()
