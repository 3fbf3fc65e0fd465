"""Orders planted into a shop that stands still, and what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jst.model.plan import Receipt
from jst.model.window import Window, floor_second
from tests.support.clocks import Impatient
from tests.support.house import House
from tests.support.plan_story import begin

MOBILE = "13912345678"
"""The one that the sandbox's garbled rows hold, too. Looked for as such: any eleven digits may stand in an id."""


def order(io_id: str, **fields: Any) -> dict[str, Any]:
    row = {
        "io_id": io_id, "o_id": f"o-{io_id}", "shop_id": 101, "status": "Confirmed", "io_date": "2026-03-01 10:00:00",
        "created": "2026-03-01 09:00:00", "pay_amount": 10.0, "paid_amount": 10.0, "free_amount": 0, "freight": 0,
        "receiver_name": "张三丰", "receiver_mobile": MOBILE,
        "items": [
            {"ioi_id": "1", "sku_id": "A", "qty": 1, "price": 6.0},
            {"ioi_id": "2", "sku_id": "B", "qty": 1, "price": 4.0},
        ],
    }  # fmt: skip
    return {**row, **fields}


def plant(house: House, *rows: dict[str, Any]) -> Window:
    """Put rows into a shop that stands still; the window holds them all."""
    house.use_clock(Impatient(lambda: house.sandbox.moved))
    house.sandbox.post("orders_per_hour", {"value": 0})
    house.sandbox.post("freeze")
    second = floor_second(house.clock.now()) - timedelta(minutes=10)
    for row in rows:
        house.sandbox.post("put", {"module": "sale_out", "row": {"modified": f"{second:%Y-%m-%d %H:%M:%S}", **row}})
    begin(house.plans, "sale_out", second - timedelta(seconds=1))
    return Window(second, second)


def pull(house: House, window: Window) -> Receipt:
    plan = house.plans.add("sale_out", "live", "jst_sale_out", "run-1", window, window.start - timedelta(seconds=1))
    receipt = house.puller().pull(plan)
    assert receipt is not None
    return receipt


def letters(house: House) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in house.database.rows("SELECT reason, cause FROM letter ORDER BY position")]


def shown(house: House) -> set[str]:
    house.loader().load_waiting()
    return {io_id for (io_id,) in house.rows("SELECT DISTINCT io_id FROM dws.dws_sale_out FINAL")}


def plan_state(house: House) -> tuple[str, str]:
    ((state, reason),) = house.database.rows("SELECT state, reason FROM plan WHERE redrives IS NULL")
    return state, reason


def complete(house: House) -> datetime | None:
    return house.plans.watermarks.value("sale_out", "complete")
