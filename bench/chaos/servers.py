"""Servers of its own and a sandbox ERP that misbehaves, on which the killing is done."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import clickhouse_driver
import httpx

from bench.chaos.trapped_wiring import Places
from bench.instruments.addresses import Address, connect
from bench.instruments.live_tables import LIVE
from bench.instruments.sandbox_process import sandbox, url_of
from bench.instruments.source_faults import FAULTS, STORM
from jst.control.database import Database
from jst.control.postgres_migrations import migrate as migrate_control
from jst.kafka.topics import create_topics
from jst.model.module import load_module
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from local.instance import Instance
from local.layout import HOST
from local.services.process import Service, start, stop

_FIRST_BAD, _FIRST_QUIET = 900_000_000, 910_000_000


class ChaosServers:
    """Those of ``instance``, which must be empty. The shop has a past of a day: a first load is under way at first."""

    def __init__(self, instance: Instance, dialect: str, rng: random.Random, orders_per_hour: int = 15_000) -> None:
        self._instance, self._rng = instance, rng
        self.stores = Address.of(instance)
        _found(self.stores)
        self._erp = _sandbox(instance, dialect, orders_per_hour)
        self._process = start(self._erp)
        layout = instance.layout
        url = url_of(layout.ports.erp)
        self.places = Places(self.stores, url, layout.secrets.erp, dialect)
        self._control = httpx.Client(base_url=f"{url}/sandbox", trust_env=False, timeout=20)
        self._bad = self._quiet = 0
        self._choice = random.Random(0).choice  # not the seed's: how often it is asked depends on time
        self._keys = {module: self._founded(module) for module in (*LIVE, "sku")}

    @property
    def home(self) -> Path:
        return self._instance.layout.home

    @property
    def environment(self) -> dict[str, str]:
        """The ``JST_…`` variables of this place."""
        place = self.stores.clickhouse
        return {
            "JST_ERP_URL": self.places.erp,
            "JST_CLICKHOUSE_HTTP": f"http://{HOST}:{place['http_port']}",
            "JST_CLICKHOUSE_USER": str(place["user"]),
            "JST_CLICKHOUSE_PASSWORD": str(place["password"]),
            "JST_CONTROL_DSN": self.stores.dsn,
        }

    def misbehave(self) -> str:
        """Set the faults of the next round, with a storm in every fifth; returns what the report should name."""
        storm = self._rng.random() < 0.2
        self._control.put("/faults", json=FAULTS | (STORM if storm else {})).raise_for_status()
        return "429 风暴" if storm else ""

    def put_bad_order(self) -> None:
        """Put an order that cannot be read: it has to end as a dead letter."""
        self._bad += 1
        number = _FIRST_BAD + self._bad
        line = {"ioi_id": number, "sku_id": "A", "qty": "abc", "price": 1}
        row = {"io_id": number, "o_id": number, "shop_id": 101, "status": "WaitConfirm", "items": [line]}
        self._control.post("/put", json={"module": "sale_out", "row": row}).raise_for_status()

    def _founded(self, module: str) -> list[str]:
        lines = self._control.get(f"/truth/{module}").text.splitlines()
        return [str(json.loads(line)[load_module(module).key[0]]) for line in lines]

    def touch(self) -> None:
        """Change a record of every module, another one every time: a change that got lost must not be made again."""
        for module, keys in self._keys.items():
            self._control.post("/touch", json={"module": module, "keys": [self._choice(keys)]}).raise_for_status()
        self._put_quiet()

    def _put_quiet(self) -> None:
        """Orders that never change again: the shop's own change within minutes, and what a kill has lost of them comes
        back with the next change."""
        self._quiet += 1
        number, sku = _FIRST_QUIET + self._quiet, self._keys["sku"][0]
        for module, key, line in (("sale_out", "io_id", "ioi_id"), ("after_sale", "as_id", "asi_id")):
            row = {key: number, "o_id": number, "shop_id": 101, "status": "WaitConfirm",
                   "items": [{line: number, "sku_id": sku, "qty": 1, "price": 1}]}  # fmt: skip
            self._control.post("/put", json={"module": module, "row": row}).raise_for_status()

    def kill(self, name: str) -> None:
        self._instance.kill(name)

    def start(self, name: str) -> None:
        self._instance.start(name)

    def close(self) -> None:
        self._control.close()
        stop(self._erp, self._process)


def _found(stores: Address) -> None:
    with Database(stores.dsn) as database:
        migrate_control(database)
    create_topics(stores.kafka)
    client: clickhouse_driver.Client = connect(stores)
    migrate_warehouse(client)
    client.disconnect()


def _sandbox(instance: Instance, dialect: str, orders_per_hour: int) -> Service:
    layout = instance.layout
    folder = layout.data / f"erp-{dialect}-{time.time_ns()}"
    shop = [
        "--skus",
        "200",
        "--history-days",
        "1",
        "--history-per-hour",
        "20",
        "--orders-per-hour",
        str(orders_per_hour),
    ]
    quota = ["--no-quota"] if dialect == "openapi" else []
    return sandbox(layout.ports.erp, folder, "--dialect", dialect, *shop, *quota, secret=layout.secrets.erp)
