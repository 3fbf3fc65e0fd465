"""How long one order of very many lines is loaded: cleaned, spread over its lines, widened."""

from __future__ import annotations

import json
import time

from bench.instruments.addresses import Address, connect
from jst.kafka.record import RawRecord
from jst.model.module import load_module
from jst.warehouse.widen_tables import clean, store_raw, widen

LINES = (1_500, 6_000, 24_000)


def measure(address: Address) -> dict[int, float]:
    """Return lines → seconds; the order comes twice, and the slower time counts: then its lines are there already."""
    module, warehouse, seconds = load_module("sale_out"), connect(address), dict[int, float]()
    for lines in LINES:
        items = [{"ioi_id": str(n), "sku_id": f"S{n}", "qty": 1 + n % 3, "price": "3.33"} for n in range(lines)]
        order = {"io_id": f"large-{lines}", "shop_id": 101, "status": "Confirmed", "created": "2026-01-02 10:00:00"}
        order |= {"modified": "2026-01-02 12:00:00", "io_date": "2026-01-02 11:59:00", "pay_amount": "10000.01"}
        order |= {"paid_amount": "9999.99", "free_amount": "7", "freight": "1", "items": items}
        for ticket in (1, 2):
            now, body = round(time.time() * 1000), json.dumps(order)
            record = RawRecord(0, lines * 10 + ticket, f"large-{lines}", "large", 1, ticket, 1, now, now, body)
            began = time.monotonic()
            store_raw(warehouse, module, [record])
            widen(warehouse, module, clean(warehouse, module, [record]))
            seconds[lines] = max(seconds.get(lines, 0), time.monotonic() - began)
    warehouse.disconnect()
    return seconds
