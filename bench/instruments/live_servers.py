"""Live feeds without Airflow on servers of their own: a sandbox ERP, PostgreSQL, Kafka, ClickHouse, and for each module
a process that watches and pulls and one that loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from bench.instruments.addresses import Address, connect, loader
from bench.instruments.live_tables import LIVE
from bench.instruments.sandbox_process import KEY, SECRET, sandbox, url_of
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.plans import Plans
from jst.control.postgres_migrations import migrate as migrate_control
from jst.control.watermarks import INITIAL_DAG
from jst.erp.connection_settings import Settings
from jst.kafka.topics import create_topics
from jst.model.module import modules_of
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from jst.warehouse.sql import modules_with
from jst.workbook.shops import read_workbook, store_shops
from local.instance import Instance, free_ports
from local.layout import ROOT, SANDBOX_WORKBOOK
from local.services.process import start, stop
from local.verify.addresses import Addresses
from local.verify.findings import Findings
from local.verify.run import Verification

_PLANTED = 900_000_001
DIMENSIONS = tuple(module.name for module in modules_of("dimension"))


class LiveServers:
    """``close`` ends every process. Workers' logs lie in ``logs``."""

    def __init__(self, servers: Instance, dialect: str, logs: Path, *options: str) -> None:
        self.servers, self.dialect, self.logs = servers, dialect, logs
        self.address, self.port = Address.of(servers), free_ports().erp
        self.url = url_of(self.port)
        self.database, self.clock = Database(self.address.dsn), SystemClock()
        self.plans, self.feeds = Plans(self.database), Holds(self.database)
        self._workers: dict[tuple[str, str, int | None], subprocess.Popen[str]] = {}
        logs.mkdir(parents=True, exist_ok=True)
        self._prepare()
        self._sandbox = sandbox(self.port, servers.layout.home / "erp", "--dialect", dialect, *options)
        self._shop = start(self._sandbox)

    @property
    def environment(self) -> dict[str, str]:
        """The ``JST_…`` variables of this place."""
        place = self.address.clickhouse
        return {
            "JST_ERP_URL": self.url,
            "JST_CLICKHOUSE_HOST": str(place["host"]),
            "JST_CLICKHOUSE_PORT": str(place["port"]),
            "JST_CLICKHOUSE_HTTP": f"http://{place['host']}:{place['http_port']}",
            "JST_CLICKHOUSE_USER": str(place["user"]),
            "JST_CLICKHOUSE_PASSWORD": str(place["password"]),
            "JST_CONTROL_DSN": self.address.dsn,
        }

    def _prepare(self) -> None:
        self.make_tables()
        create_topics(self.address.kafka)
        warehouse = connect(self.address)
        store_shops(warehouse, read_workbook(SANDBOX_WORKBOOK))
        warehouse.disconnect()

    def make_tables(self) -> None:
        """Bring both databases to this version."""
        migrate_control(self.database)
        warehouse = connect(self.address)
        migrate_warehouse(warehouse)
        warehouse.disconnect()

    def get(self, path: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/sandbox/{path}", trust_env=False, timeout=20).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def send(self, path: str, body: object = None, *, verb: str = "POST") -> None:
        httpx.request(verb, f"{self.url}/sandbox/{path}", json=body, trust_env=False, timeout=60).raise_for_status()

    def plant_return(self) -> None:
        """Put an after-sale order once its feed has begun: the shop's own first one comes minutes after its opening,
        and until then nothing there can change. Raises TimeoutError."""
        self.until(lambda: self.database.rows("SELECT 1 FROM watermark WHERE module = 'after_sale'"), 120.0)
        skus = httpx.get(f"{self.url}/sandbox/truth/sku", trust_env=False, timeout=20).text.splitlines()
        line = {"asi_id": _PLANTED, "sku_id": json.loads(skus[0])["sku_id"], "qty": 1, "price": 1}
        row = {"as_id": _PLANTED, "o_id": _PLANTED, "shop_id": 101, "status": "WaitConfirm", "items": [line]}
        self.send("put", {"module": "after_sale", "row": row})

    def start(self, role: str, modules: Sequence[str] = LIVE, *, root: Path = ROOT, machine: int | None = None) -> None:
        """Start a process for each module, of the files in ``root``; ``machine``: a group id, by which its packets are
        known."""
        for module in modules:
            task = {"role": role, "module": module, "url": self.url, "key": KEY, "secret": SECRET,
                    "dialect": self.dialect, "address": asdict(self.address)}  # fmt: skip
            with (self.logs / f"{role}_{module}.log").open("a") as log:
                worker = subprocess.Popen(
                    [sys.executable, "-m", "bench.instruments.live_worker"],
                    stdin=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    cwd=root,
                    env={**os.environ, "PYTHONPATH": f"{root / 'plugins'}{os.pathsep}{root}"},
                    group=machine,
                )
            assert worker.stdin is not None
            worker.stdin.write(json.dumps(task) + "\n")
            worker.stdin.flush()
            self._workers[role, module, machine] = worker

    def kill(self, role: str, module: str = "", machine: int | None = None) -> None:
        """kill -9 every process of the role; of one module or machine alone, where it is named."""
        for key in [key for key in self._workers if key[0] == role]:
            if (module and key[1] != module) or (machine and key[2] != machine):
                continue
            worker = self._workers.pop(key)
            worker.kill()
            worker.wait()

    def close(self) -> None:
        for role in ("reconcile", "feed", "load"):
            self.kill(role)
        stop(self._sandbox, self._shop)
        self.database.close()

    def until(self, done: Any, seconds: float, every: float = 1.0) -> float:
        """Seconds until ``done()``; raises TimeoutError."""
        began = time.monotonic()
        while not done():
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"{seconds:.0f} 秒内没有等到")
            time.sleep(every)
        return time.monotonic() - began

    def compare(self) -> list[Findings]:
        """Freeze the shop, let the feeds read the rest, read the dimensions, and compare all tables with the source."""
        self.send("freeze")
        time.sleep(5)
        for module in DIMENSIONS:
            self._catch_up(module)
        verification = Verification(Addresses.known(self.environment), lambda line: print(line))
        try:
            self.until(lambda: not self._unfinished(), 1800)
            for module in modules_with("stale"):
                with loader(self.address, module) as loading:
                    loading.relabel()
            return verification.run(freeze=False, wait=300)
        finally:
            verification.close()

    def _unfinished(self) -> bool:
        rows = self.database.rows(
            "SELECT 1 FROM plan WHERE state IN ('planned', 'pulled') AND origin <> 'initial' LIMIT 1"
        )
        return bool(rows)

    def _catch_up(self, module: str) -> None:
        source = Settings.from_connection(self.url, None, None, KEY, SECRET, {"dialect": self.dialect})
        with self.address.parts(source) as parts:
            worker = parts.plan_worker(module, INITIAL_DAG, module)
            worker.catch_up()
            worker.work_off("initial")
            loader = parts.loader(module)
            while loader.load_waiting():
                pass
