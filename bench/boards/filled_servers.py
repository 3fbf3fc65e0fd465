"""Ten million lines of 30 days, their marts, and a shop that goes on living."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from clickhouse_driver import Client

from bench.boards import data
from bench.instruments.addresses import Address
from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.control.mart_days import MartDays
from jst.control.postgres_migrations import migrate as migrate_control
from jst.kafka.record import RawRecord
from jst.model.plan import Offsets
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from jst.warehouse.mart_tables import mart_names
from jst.workbook.shops import Fee, Shop, Shops, store_shops
from local.instance import Instance

SKUS, SHOPS, DAYS, ORDERS_AT_ONCE, PEOPLE = 30_000, 8, 30, 500_000, 30
CYCLES = 12
LIVE_ORDERS, LIVE_SECONDS = 28, 2.0
_COST = """
SELECT splitByChar('|', query_id)[1] AS name,
    avg(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']) / 1e6
FROM system.query_log WHERE type = 'QueryFinish' AND user = %(user)s AND event_time > now() - 600 GROUP BY name"""
_SINCE = """
SELECT sum(read_rows) FROM system.query_log
WHERE type = 'QueryFinish' AND user = 'etl' AND event_time_microseconds > fromUnixTimestamp64Micro(%(since)s)"""


class _Kafka:
    """Holds one batch, as the reader of a topic would find it."""

    def __init__(self) -> None:
        self.records: list[RawRecord] = []

    def read(self, _topic: str, _offsets: Offsets, _expected: object) -> list[RawRecord]:
        return self.records


class FilledServers:
    """Servers of its own in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._instance = Instance(folder)
        self._database = Database(self._instance.postgres())
        self._place = self._instance.clickhouse()
        migrate_control(self._database)
        self._etl = self.login("etl", final=False)
        migrate_warehouse(self._etl)
        self._kafka, self._orders = _Kafka(), count(900_000_000)
        self._loading, self._refreshing = (Address.of(self._instance).parts() for _ in range(2))
        self._loading.reader = self._kafka  # type: ignore[assignment]
        self._loader, self._refresher = self._loading.loader("sale_out"), self._refreshing.mart_refresh()
        shops = range(101, 101 + SHOPS)
        shop = [Shop(each, f"S{each}", f"店 {each}", "天猫", "bench", "", True) for each in shops]
        fees = [Fee(each, date(2025, 1, 1), Decimal("0.05")) for each in shops]
        store_shops(self._etl, Shops(tuple(shop), tuple(fees)))
        for sql in (data.DIM_SKUS, data.STOCK):  # a load looks up labels also where nothing was sold yet
            self._etl.execute(sql.format(skus=SKUS))
        owners = [(self.viewer(n), each, 1, 0) for n in range(PEOPLE) for each in shops if each % 5 <= n % 5]
        self._etl.execute("INSERT INTO access.user_shop (*) VALUES", owners)
        known = [(self.viewer(n), "viewer", 1, 0) for n in range(PEOPLE)]
        self._etl.execute("INSERT INTO access.user_role (*) VALUES", known)

    def viewer(self, number: int) -> str:
        return f"viewer{number}"

    def login(self, user: str, *, final: bool = True) -> Client:
        password = self._instance.layout.secrets.clickhouse(user)
        settings = {"final": 1} if user == "etl" and final else {}
        return Client(self._place["host"], self._place["port"], user=user, password=password, settings=settings)

    def fill(self, lines: int, days: int = DAYS) -> dict[str, float]:
        began, orders, refunds = time.monotonic(), lines // 2, lines // 10
        words: dict[str, object] = {"days": days, "skus": SKUS, "shops": SHOPS, "names": data.NAMES}
        words |= {f"sku_{n}": data.DRAWN.format(n=n, skus=SKUS) for n in (1, 2)}
        for total, statements in ((orders, (data.SALE_DWD, data.SALE_DWS)), (refunds, (data.AFTER_SALE,))):
            for first in range(0, total, ORDERS_AT_ONCE):
                part = {"first": first, "count": min(ORDERS_AT_ONCE, total - first), "orders": total}
                for sql in statements:
                    self._etl.execute(sql.format(**words, **part))
        for table in data.TABLES:
            self._etl.execute(f"OPTIMIZE TABLE {table} FINAL", settings={"send_receive_timeout": 900})
        ((sold, size),) = self._etl.execute(
            "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'dws_sale_out'"
        )
        return {
            "出库明细": sold,
            "售后明细": refunds,
            "出库宽表 MB": round(size / 1e6),
            "秒": round(time.monotonic() - began),
        }

    def make_marts(self) -> dict[str, float]:
        """All days, found by the hourly search."""
        began, days = time.monotonic(), 0
        self._database.rows("DELETE FROM mart_search")
        while found := self._refresher.round():
            days += len(found)
        spent = time.monotonic() - began
        ((rows,),) = self._etl.execute(
            "SELECT sum(rows) FROM system.parts WHERE active AND table IN %(marts)s", {"marts": mart_names()}
        )
        return {"天": days, "行": rows, "秒": round(spent, 1), "每天秒": round(spent / days, 2)}

    def leave_marts(self) -> None:
        """Let the hourly search wait: marts of the past stay empty."""
        MartDays(self._database).note_search()

    def rounds(self) -> dict[str, float]:
        """One round after a load: how long today is behind."""
        self.load(30)
        began = time.monotonic()
        written = self.refresh()
        return {"天": len(written), "改写行": sum(written.values()), "秒": round(time.monotonic() - began, 2)}

    def refresh(self) -> dict[date, int]:
        """Let the marts follow what was loaded; returns rows written by day."""
        return self._refresher.round()

    def load(self, orders: int) -> None:
        """Load one batch of new orders as a task does, but for Kafka."""
        now, ticket = datetime.now(SHANGHAI), time.time_ns() // 1000
        at = round(now.timestamp() * 1000)
        self._kafka.records = [
            RawRecord(0, number, str(number), "bench", 1, ticket, 1, at, at, _order(number, now))
            for number in (next(self._orders) for _ in range(orders))
        ]
        self._loader.replay({})

    def cycle(self, orders: int) -> dict[str, float]:
        """Rows read and seconds of one load, on average of some after the first."""
        for _ in range(CYCLES // 2):
            self.load(orders)
        began, since = time.monotonic(), time.time_ns() // 1000
        for _ in range(CYCLES):
            self.load(orders)
        spent = time.monotonic() - began
        self._etl.execute("SYSTEM FLUSH LOGS")
        ((rows,),) = self._etl.execute(_SINCE, {"since": since})
        return {"读行": round(rows / CYCLES), "秒": round(spent / CYCLES, 3)}

    @contextmanager
    def living(self) -> Iterator[None]:
        """Within it 50,000 orders an hour are loaded, as often as live feeds load, and the marts follow."""
        over = threading.Event()

        def live() -> None:
            refreshed = 0.0
            while not over.is_set():
                turn = time.monotonic()
                self.load(LIVE_ORDERS)
                if turn > refreshed + 5:
                    self._refresher.round()
                    refreshed = time.monotonic()
                over.wait(max(0.0, turn + LIVE_SECONDS - time.monotonic()))

        thread = threading.Thread(target=live)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def cost(self, user: str) -> dict[str, float]:
        """Core-seconds of the server for each question by its name, on average."""
        with self.login("etl") as client:  # the shop goes on living with the other one
            client.execute("SYSTEM FLUSH LOGS")
            return dict(client.execute(_COST, {"user": user}))

    def sort_keys(self, keys: Mapping[str, str]) -> dict[str, float]:
        """Measure the sale-out wide table under each key: seconds of a day's and a month's question and of finding the
        lines of 30 recent orders, as widen does."""
        facts: dict[str, float] = {}
        ((ddl,),) = self._etl.execute("SELECT create_table_query FROM system.tables WHERE name = 'dws_sale_out'")
        ours = next(iter(keys.values()))
        for name, key in keys.items():
            self._etl.execute("DROP TABLE IF EXISTS dws.other SYNC")
            other = ddl.replace("dws.dws_sale_out", "dws.other").replace(f"ORDER BY ({ours})", f"ORDER BY ({key})")
            assert (key == ours) == (f"ORDER BY ({ours})" in other)
            self._etl.execute(other)
            self._etl.execute("INSERT INTO dws.other SELECT * FROM dws.dws_sale_out")
            self._etl.execute("OPTIMIZE TABLE dws.other FINAL", settings={"send_receive_timeout": 900})
            recent = random.Random(1).sample(self._recent(), 30)
            place = "(key_time, io_id) IN %(orders)s" if "key_time" in key else "io_id IN %(orders)s"
            orders = recent if "key_time" in key else [io_id for _, io_id in recent]
            for what, sql, parameters in (
                ("24 小时", "SELECT sku_id, sum(qty) FROM dws.other FINAL WHERE biz_day = today() - 1 GROUP BY 1", {}),
                ("30 天", "SELECT sku_id, sum(qty) FROM dws.other FINAL WHERE biz_day >= today() - 30 GROUP BY 1", {}),
                ("30 单的明细", f"SELECT io_id, line_id FROM dws.other WHERE {place}", {"orders": orders}),
            ):
                facts[f"{name}：{what} 毫秒"] = self._median(sql, parameters)
        self._etl.execute("DROP TABLE dws.other SYNC")
        return facts

    def _recent(self) -> list[tuple[datetime, str]]:
        return list(self._etl.execute(
            "SELECT DISTINCT key_time, io_id FROM dws.dws_sale_out WHERE key_time > now() - 86400 LIMIT 20000"
        ))  # fmt: skip

    def _median(self, sql: str, parameters: dict[str, Any]) -> float:
        times = []
        for _ in range(7):
            began = time.monotonic()
            self._etl.execute(sql, parameters)
            times.append(time.monotonic() - began)
        return round(sorted(times)[3] * 1000, 1)

    def close(self) -> None:
        self._loading.close()
        self._refreshing.close()
        self._database.close()
        self._instance.close()


def _order(number: int, now: datetime) -> str:
    """Shipped two hours after it was created."""
    created = f"{now - timedelta(hours=2):%F %T}"
    skus = [f"K{int((number * n * 7919 % 1000 / 1000) ** 2 * SKUS)}" for n in (1, 2)]
    lines = [{"ioi_id": f"{number}{sku}", "sku_id": sku, "qty": 1, "price": "50.00"} for sku in skus]
    return json.dumps({
        "io_id": str(number), "shop_id": 101 + number % SHOPS, "status": "Confirmed", "created": created,
        "modified": f"{now:%F %T}", "io_date": f"{now:%F %T}", "paid_amount": "95.00", "pay_amount": "100.00",
        "free_amount": "5.00", "freight": "6.00", "items": lines,
    })  # fmt: skip
