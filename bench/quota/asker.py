"""One process that asks the source: its task as JSON on standard input, what its requests waited on standard output."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from itertools import count

from jst.addresses import KnownAddresses
from jst.clock import SystemClock
from jst.erp.connection_settings import Settings
from jst.errors import Retry
from jst.model.module import load_module
from jst.model.window import Window, floor_second
from jst.wiring import Parts


def main() -> int:
    task = json.loads(sys.stdin.readline())
    clock, module, waits, refused = SystemClock(), load_module("sale_out"), list[float](), 0
    extra = {"dialect": task["dialect"]}
    settings = Settings.from_connection(task["url"], None, None, task["key"], task["secret"], extra)
    with Parts(KnownAddresses(task["dsn"], {}, {}, settings), clock) as parts:
        client, now = parts.client, floor_second(clock.now())
        window, end = Window(now - timedelta(days=2), now), clock.monotonic() + task["seconds"]
        for index in count(1):
            if clock.monotonic() >= end:
                break
            before = client.spending.waited
            try:
                client.page(module, window, 1 + index % task["pages"], origin=task["origin"])
            except Retry:
                refused += 1
            waits.append(client.spending.waited - before)
            clock.sleep(task["pause"])
        told = client.describe_spending(module)
    print(json.dumps({"waits": waits, "failed": refused, "told": told}), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
