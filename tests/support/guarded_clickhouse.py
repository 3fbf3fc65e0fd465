"""A ClickHouse of its own whose access.yaml names a few persons, with rows of four shops in all they may read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from clickhouse_driver import Client

from jst.access.spec import SPEC
from jst.warehouse.clickhouse_migrations import migrate
from local.instance import Instance

PEOPLE = {
    "finance": ["cai.wu", "wang.fang"],
    "all_shops": ["cai.wu"],
    "personal": {"zhangwei": "zhang.wei", "wangfang": "wang.fang", "lina": "li.na", "stranger": "a.stranger"},
}
OWNERS = {101: "zhang.wei", 102: "li.na", 103: "wang.fang", 104: "", 105: "zhang.wei"}
_FACTS = """INSERT INTO {table} ({columns}, shop_id, biz_day, version)
    SELECT {values}, arrayJoin([101, 102, 103, 104]) AS shop_id, today(), 1"""


def spec(folder: Path, change: Any = None) -> Path:
    """The shipped access.yaml with PEOPLE, after ``change`` did what it likes to its facts."""
    facts = yaml.safe_load(SPEC.read_text("utf-8")) | {"people": PEOPLE, "walls": {}}
    if change:
        change(facts)
    path = folder / "access.yaml"
    path.write_text(yaml.safe_dump(facts, allow_unicode=True), "utf-8")
    return path


class Guarded:
    """The server; ``login`` connects as one of its users."""

    def __init__(self, home: Path, access: Path) -> None:
        self.access = access
        self._instance = Instance(home, access)
        self._address = self._instance.clickhouse()
        self.host, self.port = str(self._address["host"]), int(self._address["port"])
        self.http = f"http://{self.host}:{self._address['http_port']}"
        self.etl = self.login("etl")

    def password(self, user: str) -> str:
        return self._instance.layout.secrets.clickhouse(user)

    def login(self, user: str) -> Client:
        return Client(self.host, self.port, user=user, password=self.password(user), connect_timeout=5)

    @contextmanager
    def as_user(self, user: str) -> Iterator[Client]:
        client = self.login(user)
        yield client
        client.disconnect()

    def close(self) -> None:
        self.etl.disconnect()
        self._instance.close()


def furnish(etl: Client) -> None:
    """Shops 101 to 105, of which the last has sold nothing, and rows of the others everywhere."""
    migrate(etl)
    shops = [(shop, f"S{shop}", f"店 {shop}", "天猫", owner, "浙江", 1, 1, 1, 0) for shop, owner in OWNERS.items()]
    etl.execute("INSERT INTO dim.dim_shop (*) VALUES", shops)
    etl.execute(_FACTS.format(table="dws.dws_sale_out", columns="io_id, line_id, is_shipped",
                              values="'1', toString(shop_id), 1"))  # fmt: skip
    etl.execute(_FACTS.format(table="dws.dws_after_sale", columns="as_id, line_id, refund_date",
                              values="'1', toString(shop_id), now()"))  # fmt: skip
    etl.execute(_FACTS.format(table="dws.dws_shop_margin_day", columns="cost_amount", values="4"))
    for mart, key, value in (
        ("dws_shop_hour", "biz_hour", "9"), ("dws_shop_hour_forecast", "biz_hour", "9"),
        ("dws_shop_style_day", "i_id", "'I'"),
        ("dws_shop_sku_day", "sku_id", "'A'"), ("dws_shop_warehouse_day", "wms_co_id", "1"),
    ):  # fmt: skip
        etl.execute(_FACTS.format(table=f"dws.{mart}", columns=key, values=value))
    week = "INSERT INTO dws.dws_shop_style_week (shop_id, i_id, version)"
    etl.execute(f"{week} SELECT arrayJoin([101, 102, 103, 104]), 'I', 1")
    for table, day in (("dws_inventory", ""), ("dws_inventory_day", "day, ")):
        columns, today = f"{day}sku_id, qty, cost_price, stock_value, version", "today(), " if day else ""
        etl.execute(f"INSERT INTO dws.{table} ({columns}) SELECT {today}'A', 2, 3, 6, 1")
    for table in ("dws_replenishment_line", "dws_replenishment_outcome"):
        etl.execute(f"INSERT INTO dws.{table} (replenishment_id, version) SELECT 1, 1")
    etl.execute("INSERT INTO dws.dws_sku_outlook (sku_id, version) SELECT 'A', 1")
    etl.execute("INSERT INTO dim.dim_sku (sku_id, cost_price, version) VALUES", [("A", 3, 1)])
    etl.execute("INSERT INTO dim.dim_warehouse (wms_co_id, warehouse_name, version) VALUES", [(1, "杭州", 1)])
