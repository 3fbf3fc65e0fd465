"""Live reading beside a test, and rows put into the shop as written a while ago."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from jst.model.window import floor_second, source_text
from tests.support.house import House

MODULES = ("sale_out", "after_sale", "inventory")
KEYS = {"sale_out": "io_id", "after_sale": "as_id", "inventory": "sku_id"}


def follow(house: House) -> None:
    """Live: read every module up to the source's present and load it."""
    for module in MODULES:
        house.worker(module, "live").catch_up()
        while house.loader(module).load_waiting():
            pass


@contextmanager
def living(house: House) -> Iterator[None]:
    """Live goes on meanwhile, so the house waits as the product does."""
    over = threading.Event()
    house.wait_really()

    def live() -> None:
        other = house.beside()
        other.wait_really()
        while not over.wait(0.5):
            follow(other)
        other.close()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        house.wait_really(really=False)


def ago(house: House, **past: float) -> datetime:
    """A second in the shop's past."""
    return floor_second(house.clock.now()) - timedelta(**past)


def put(house: House, module: str, key: str, modified: datetime, **fields: Any) -> None:
    lines: dict[str, Any] = {} if module == "inventory" else {"items": []}
    row = {KEYS[module]: key, "modified": source_text(modified), **lines, **fields}
    house.sandbox.post("put", {"module": module, "row": row})
