"""What reading and loading every module takes in each dialect."""

from __future__ import annotations

from jst.model.module import load_module, module_names
from jst.warehouse.sql import modules_with
from tests.support.house import House

# the sandbox counts no requests here, and neither do we: first loads of three years would wait for slots
UNLIMITED = {
    "gateway": dict.fromkeys(module_names(), 1000),
    "openapi": {"second": 1000, "minute": 60_000},
}


def read_all(house: House) -> None:
    for module in module_names():
        house.worker(module).catch_up()


def load_all(house: House) -> None:
    for module in sorted(module_names(), key=lambda name: load_module(name).lines != ""):
        while house.loader(module).load_waiting():
            pass
    for module in modules_with("stale"):
        house.loader(module).relabel()
