"""The whole path without Airflow: sandbox ERP → Kafka → ClickHouse, all real processes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import clickhouse_driver
import httpx
import pytest
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from jst.clock import Clock, SystemClock
from jst.control.budget import PostgresBudget
from jst.control.database import Database
from jst.control.feeds import Feeds
from jst.control.incidents import Incidents
from jst.control.letters import Letters
from jst.control.lock import LoadLock
from jst.control.migrate import migrate as migrate_control
from jst.control.plans import Plans
from jst.control.reconciling import Reconciling
from jst.control.tokens import PostgresTokens
from jst.control.watermarks import INITIAL_DAG
from jst.erp.client import Client
from jst.erp.settings import Settings
from jst.flow.load import Loader
from jst.flow.mend import Mender
from jst.flow.pull import Puller
from jst.flow.reconcile import Reconcile
from jst.flow.shift import Limits, PullShift
from jst.flow.watch import Watch
from jst.ods.producer import CountingProducer
from jst.ods.reader import ExactReader
from jst.ods.topics import create_topics
from jst.spec import load_module
from jst.warehouse.migrate import migrate as migrate_warehouse
from local.instance import free_ports
from tests.integration.stores import empty

SECRET = "integration-secret-0123456789abcdef"


class Sandbox:
    """A sandbox ERP of its own, as a process that can be stopped and killed."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self.options = data, options
        self.port = free_ports().erp
        self.url = f"http://127.0.0.1:{self.port}"
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=20)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "local.sandbox",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
            *self.options,
        ]
        process = subprocess.Popen(command, env={**os.environ, "JST_ERP_SECRET": SECRET})
        try:
            for attempt in Retrying(
                wait=wait_fixed(0.05), stop=stop_after_delay(90), retry=retry_if_exception_type(httpx.HTTPError)
            ):
                with attempt:
                    self._http.get("/sandbox/health").raise_for_status()
        except RetryError:
            process.kill()  # left running, each would make the next one's start slower
            raise
        return process

    def post(self, path: str, body: Any = None) -> Any:
        return self._http.post(f"/sandbox/{path}", json=body).raise_for_status().json()

    def put(self, order: str) -> None:
        """Plant a row: the order as JSON, which may hold what Python would not write."""
        self._http.post("/sandbox/put", content=order.encode("utf-8", "surrogatepass")).raise_for_status()

    def get(self, path: str) -> Any:
        return self._http.get(f"/sandbox/{path}").raise_for_status().json()

    def faults(self, **faults: Any) -> None:
        self._http.put("/sandbox/faults", json=faults).raise_for_status()

    def truth(self, module: str) -> list[dict[str, Any]]:
        import json

        text = self._http.get(f"/sandbox/truth/{module}").raise_for_status().text
        return [json.loads(line) for line in text.splitlines() if line]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def start(self) -> None:
        self.process = self._start()

    def close(self) -> None:
        self.stop()
        self._http.close()


class House:
    """The parts of the system as a task would have them, on empty stores."""

    def __init__(self, dsn: str, kafka: str, clickhouse: dict[str, Any], sandbox: Sandbox, **extra: Any) -> None:
        self._open = ExitStack()
        self.dsn, self.sandbox, self.address = dsn, sandbox, clickhouse
        self.clock: Clock = SystemClock()
        self.kafka = {"bootstrap.servers": kafka}
        self.database = Database(dsn)
        self._open.callback(self.database.close)
        self.plans, self.feeds = Plans(self.database), Feeds(self.database)
        self.warehouse = clickhouse_driver.Client(
            clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"]
        )
        self._open.callback(self.warehouse.disconnect)
        self.settings = Settings.from_connection(sandbox.url, None, None, "sandbox_app", SECRET, extra)

    def client(self, settings: Settings | None = None) -> Client:
        settings = settings or self.settings
        budget = PostgresBudget(self.database, settings.credential, self.clock)
        tokens = PostgresTokens(self.database, settings.credential, settings.app_secret, self.clock)
        client = Client(settings, budget, self.clock, tokens=tokens)
        self._open.callback(client.close)
        return client

    @cached_property
    def producer(self) -> CountingProducer:
        producer = CountingProducer(self.kafka)
        self._open.callback(producer.close)
        return producer

    @cached_property
    def reader(self) -> ExactReader:
        reader = ExactReader(self.kafka)
        self._open.callback(reader.close)
        return reader

    def puller(self, module: str = "sale_out", client: Client | None = None) -> Puller:
        letters = Letters(self.database)
        return Puller(load_module(module), client or self.client(), self.producer, self.plans, letters, self.clock)

    def shift(self, module: str = "sale_out", run_id: str = "run-1", puller: Puller | None = None) -> PullShift:
        return PullShift(puller or self.puller(module), self.plans, self.feeds, self.clock, f"jst_{module}", run_id)

    def initial(self, puller: Puller) -> None:
        """Pull what is planned of the first load."""
        PullShift(puller, self.plans, self.feeds, self.clock, INITIAL_DAG, "first load").work_off(Limits(), "initial")

    def watch(self, module: str = "sale_out", run_id: str = "run-1") -> Watch:
        return Watch(load_module(module), self.client(), self.plans, self.feeds, self.clock, f"jst_{module}", run_id)

    def loader(self, module: str = "sale_out") -> Loader:
        lock = LoadLock(self.database, self.clock)
        return Loader(load_module(module), self.reader, self.warehouse, self.plans, self.feeds, lock, self.clock)

    def reconcile(
        self,
        module: str = "sale_out",
        run_id: str = "round-1",
        *,
        patience: float = 0.0,
        rng: random.Random | None = None,
    ) -> Reconcile:
        """A round; with ``patience`` live must run beside it."""
        client, state = self.client(), Reconciling(self.database, module)
        puller, loader = self.puller(module, client), self.loader(module)
        mender = Mender(puller, loader, self.warehouse, self.plans, state, self.clock, run_id, patience=patience)
        incidents = Incidents(self.database)
        return Reconcile(load_module(module), client, mender, self.warehouse, state, incidents, self.clock, rng)

    def first_load(self, module: str = "sale_out") -> None:
        """Pull and load what lies before the live feed's beginning."""
        puller = self.puller(module)
        puller.feed.read_mark(puller.feed.closed_end())
        self.initial(puller)
        while self.loader(module).load_waiting():
            pass

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.warehouse.execute(sql))

    def close(self) -> None:
        self._open.close()


@pytest.fixture(scope="session")
def schema(postgres_dsn: str, kafka_bootstrap: str, clickhouse: dict[str, Any]) -> None:
    """All three stores with their tables and topics."""
    with Database(postgres_dsn) as database:
        migrate_control(database)
    create_topics({"bootstrap.servers": kafka_bootstrap})
    client = clickhouse_driver.Client(
        clickhouse["host"], clickhouse["port"], user=clickhouse["user"], password=clickhouse["password"]
    )
    migrate_warehouse(client)
    client.disconnect()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A small living shop."""
    sandbox = Sandbox(tmp_path / "erp", "--skus", "200")
    yield sandbox
    sandbox.close()


@pytest.fixture
def house(
    schema: None, postgres_dsn: str, kafka_bootstrap: str, clickhouse: dict[str, Any], sandbox: Sandbox
) -> Iterator[House]:
    house = House(postgres_dsn, kafka_bootstrap, clickhouse, sandbox)
    _empty(postgres_dsn, house.warehouse)
    yield house
    house.close()


def _empty(dsn: str, warehouse: clickhouse_driver.Client) -> None:
    with Database(dsn) as database:
        empty(database)
    for (table,) in warehouse.execute(
        "SELECT database || '.' || name FROM system.tables WHERE database IN ('ods', 'dwd', 'dws', 'dim', 'access')"
    ):
        warehouse.execute(f"TRUNCATE TABLE {table}")
