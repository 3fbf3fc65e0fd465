"""The parts of the system as a task would have them, without Airflow."""

from __future__ import annotations

import random
from contextlib import ExitStack
from functools import cached_property
from typing import Any

import clickhouse_driver

from jst.clock import Clock, SystemClock
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.incidents import Incidents
from jst.control.letter_index import LetterIndex
from jst.control.load_lock import LoadLock
from jst.control.plans import Plans
from jst.control.reconcile_state import ReconcileState
from jst.control.request_budget import PostgresBudget
from jst.control.token_store import PostgresTokens
from jst.control.watermarks import INITIAL_DAG
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.flow.live.shift import Limits, PullShift
from jst.flow.live.watch import Watch
from jst.flow.load import Loader
from jst.flow.pull import Puller
from jst.flow.reconcile.reread import Rereader
from jst.flow.reconcile.round import Reconcile
from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import CountingProducer
from jst.model.module import load_module
from tests.support.sandbox import SECRET, Sandbox


class House:
    """The parts of the system as a task would have them, on empty stores."""

    def __init__(self, dsn: str, kafka: str, clickhouse: dict[str, Any], sandbox: Sandbox, **extra: Any) -> None:
        self._open = ExitStack()
        self.dsn, self.sandbox, self.address = dsn, sandbox, clickhouse
        self.clock: Clock = SystemClock()
        self.kafka = {"bootstrap.servers": kafka}
        self.database = Database(dsn)
        self._open.callback(self.database.close)
        self.plans, self.feeds = Plans(self.database), Holds(self.database)
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
        letters = LetterIndex(self.database)
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
        client, state = self.client(), ReconcileState(self.database, module)
        puller, loader = self.puller(module, client), self.loader(module)
        mender = Rereader(puller, loader, self.warehouse, self.plans, state, self.clock, run_id, patience=patience)
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
