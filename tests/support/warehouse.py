"""The warehouse as tests use it: feed bodies in, read the wide table out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.kafka.record import RawRecord
from jst.model.module import Module, load_module
from jst.warehouse.widen_tables import clean, known_keys, stale, store_raw, widen
from jst.workbook.shops import Fee, Shop, Shops, WarehousePlace, store_shops

READ_AT = datetime(2026, 1, 2, 12, 0, 3, tzinfo=SHANGHAI)
SHOPS = Shops(
    shops=(
        Shop(101, "S000101", "天猫旗舰店", "天猫", "zhang.wei", "浙江", True),
        Shop(102, "S000102", "京东旗舰店", "京东", "li.na", "北京", True),
    ),
    fees=(Fee(101, date(2025, 1, 1), Decimal("0.05")), Fee(101, date(2026, 3, 1), Decimal("0.06"))),
    places=(WarehousePlace(11001, "浙江"),),
    quality=("质量问题", "做工瑕疵"),
)


class Warehouse:
    """A real server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.read_at = READ_AT
        self._offsets = count()

    def empty(self) -> None:
        """Nothing but what the workbook of two shops says."""
        for (table,) in self.rows(
            "SELECT database || '.' || name FROM system.tables"
            " WHERE database IN ('ods', 'dwd', 'dws', 'dim') AND total_rows > 0"
        ):
            self.client.execute(f"TRUNCATE TABLE {table}")
        store_shops(self.client, SHOPS)

    def wide_table(self, module: str) -> str:
        """The table widen writes to."""
        ((table,),) = self.rows(
            "SELECT database || '.' || name FROM system.tables"
            f" WHERE name IN ('dws_{module}', 'dim_{module}') AND database IN ('dws', 'dim')"
        )
        return str(table)

    def store(self, module: str, plan_id: str, bodies: Sequence[str], *, ticket: int = 1) -> list[RawRecord]:
        """Keep one batch as it came; returns its records."""
        spec = load_module(module)
        records = [self._record(spec, plan_id, body, ticket) for body in bodies]
        store_raw(self.client, spec, records)
        return records

    def load(
        self, module: str, plan_id: str, bodies: Sequence[str], *, ticket: int = 1, large: bool = False
    ) -> list[str]:
        """Everything a load task does with one batch; returns its keys. ``large``: as one of thousands of records,
        which asks first what is there."""
        spec, records = load_module(module), self.store(module, plan_id, bodies, ticket=ticket)
        known = known_keys(self.client, spec, {record.key for record in records}) if large else None
        keys = clean(self.client, spec, records, known=known)
        widen(self.client, spec, keys, known=known)
        return keys

    def relabel(self, module: str) -> list[str]:
        """What a relabel task does; returns the keys it found, sorted."""
        keys = sorted(stale(self.client, load_module(module)))
        widen(self.client, load_module(module), keys)
        return keys

    def order(self, plan_id: str = "plan", *, ticket: int = 1, **fields: Any) -> None:
        """Load one order of one line, changed by ``fields``."""
        order = {
            "io_id": "1",
            "shop_id": 101,
            "status": "Confirmed",
            "created": "2026-01-02 10:00:00",
            "modified": "2026-01-02 12:00:00",
            "io_date": "2026-01-02 11:59:00",
            "items": [{"ioi_id": "1", "sku_id": "A", "qty": 1, "price": "10.00"}],
        }
        self.load("sale_out", plan_id, [json.dumps(order | fields)], ticket=ticket)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.client.execute(sql))

    def _record(self, module: Module, plan_id: str, body: str, ticket: int) -> RawRecord:
        fields = json.loads(body)
        key = next(str(fields[name]) for name in module.key if fields.get(name))
        read_at = round(self.read_at.timestamp() * 1000)
        return RawRecord(0, next(self._offsets), key, plan_id, 1, ticket, 1, read_at, read_at, body)
