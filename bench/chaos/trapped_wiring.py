"""The product's own parts as a task has them, with the trap at the points where they touch the outside."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

import clickhouse_driver
from psycopg2.extensions import connection, cursor

from bench.chaos.trap import Trap
from bench.instruments.addresses import Address
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.letter_index import LetterIndex
from jst.control.load_lock import LoadLock
from jst.control.plans import Plans
from jst.control.request_budget import PostgresBudget
from jst.control.token_store import PostgresTokens
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.flow.live.shift import PullShift
from jst.flow.live.watch import Watch
from jst.flow.load import Loader
from jst.flow.mart_refresh import MartRefresh
from jst.flow.pull import Puller
from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import Batch, CountingProducer
from jst.kafka.record import LETTERS
from jst.model.module import Module, load_module
from local.source import APP_KEY

T = TypeVar("T")
PACE = 1.0
"""Seconds between two looks; the public API's 5 would only make the hours longer."""
# the sandbox counts no requests of openapi: at 100 a minute a hundred kills would take a day
QUOTAS: dict[str, dict[str, float]] = {"gateway": {}, "openapi": {"second": 20, "minute": 1_200}}


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is."""

    stores: Address
    erp: str
    secret: str
    dialect: str


class TrappedParts:
    """What one task has; every part is built on first use."""

    def __init__(self, places: Places, trap: Trap) -> None:
        self._places, self._trap = places, trap
        self._open = ExitStack()
        self.clock = SystemClock()

    def close(self) -> None:
        self._open.close()

    def _closing(self, part: T, close: Callable[[], Any]) -> T:
        self._open.callback(close)
        return part

    @cached_property
    def database(self) -> Database:
        database = _Database(self._places.stores.dsn, self._trap.statement)
        return self._closing(database, database.close)

    @cached_property
    def plans(self) -> Plans:
        plans = Plans(self.database)
        _struck(plans.watermarks, self._trap, quiet="quiet")
        _struck(plans.marts, self._trap, end="mark")
        return _struck(plans, self._trap, add="plan", begin="begin", pulled="receipt", loaded="loaded")

    @cached_property
    def feeds(self) -> Holds:
        return _struck(Holds(self.database), self._trap, end_shift="end")

    @cached_property
    def client(self) -> Client:
        places = self._places
        settings = Settings.from_connection(
            places.erp,
            None,
            None,
            APP_KEY,
            places.secret,
            {"dialect": places.dialect, "quotas": QUOTAS[places.dialect]},
        )
        budget = PostgresBudget(self.database, settings.credential, self.clock)
        tokens = PostgresTokens(self.database, settings.credential, settings.app_secret, self.clock)
        client = Client(settings, budget, self.clock, tokens=tokens)
        self._open.callback(client.close)
        point = "look" if self._trap.role == "watch" else "page"
        return _struck(client, self._trap, page=point, since=point, listing=point)

    @cached_property
    def producer(self) -> CountingProducer:
        producer = CountingProducer(self._places.stores.kafka)
        batch = producer.batch

        def struck_batch(topic: str) -> Batch:
            return _struck(batch(topic), self._trap, send="send", flush="letter" if topic == LETTERS else "flush")

        setattr(producer, "batch", struck_batch)  # noqa: B010
        return self._closing(producer, producer.close)

    @cached_property
    def warehouse(self) -> clickhouse_driver.Client:
        place = self._places.stores.clickhouse
        client = _Warehouse(place["host"], place["port"], user=place["user"], password=place["password"])
        client.trap = self._trap
        return self._closing(client, client.disconnect)

    def module(self, name: str) -> Module:
        module = load_module(name)
        endpoints = {
            dialect: replace(endpoint, pace_seconds=min(endpoint.pace_seconds, PACE))
            for dialect, endpoint in module.dialects.items()
        }
        return replace(module, dialects=endpoints)

    def watch(self, module: str, run_id: str) -> Watch:
        parts = self.client, self.plans, self.feeds, self.clock
        return Watch(self.module(module), *parts, f"jst_{module}", run_id)

    def puller(self, module: str) -> Puller:
        letters = _struck(LetterIndex(self.database), self._trap, add="index")
        return Puller(self.module(module), self.client, self.producer, self.plans, letters, self.clock)

    def pull_shift(self, puller: Puller, dag_id: str, run_id: str) -> PullShift:
        return PullShift(puller, self.plans, self.feeds, self.clock, dag_id, run_id)

    def loader(self, module: str) -> Loader:
        reader = _struck(ExactReader(self._places.stores.kafka), self._trap, read="read")
        self._open.callback(reader.close)
        lock = LoadLock(self.database, self.clock)
        return Loader(self.module(module), reader, self.warehouse, self.plans, self.feeds, lock, self.clock)

    def refresher(self) -> MartRefresh:
        lock = LoadLock(self.database, self.clock)
        return MartRefresh(self.plans.marts, self.warehouse, lock, self.feeds, self.clock)


class _Database(Database):
    """Tells of every statement of a transaction."""

    def __init__(self, dsn: str, executed: Callable[[], None]) -> None:
        super().__init__(dsn)

        class Telling(cursor):
            def execute(self, query: Any, values: Any = None) -> None:
                super().execute(query, values)
                executed()

        self._cursor = Telling

    def connected(self) -> connection:
        session = super().connected()
        session.cursor_factory = self._cursor
        return session


class _Warehouse(clickhouse_driver.Client):  # type: ignore[misc]
    """Its three kinds of writes are told apart by how they are called."""

    trap: Trap

    def execute(self, query: str, *values: Any, **options: Any) -> Any:
        point = (
            "raw" if options.get("columnar")
            else "widen" if options.get("query_id")
            else "clean" if "INSERT INTO dwd" in query
            else ""
        )  # fmt: skip
        with self.trap.at(point):
            return super().execute(query, *values, **options)


def _struck(part: T, trap: Trap, **points: str) -> T:
    """The part, with these methods being points."""
    for method, point in points.items():
        setattr(part, method, _at(trap, point, getattr(part, method)))
    return part


def _at(trap: Trap, point: str, work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def struck(*values: Any, **named: Any) -> Any:
        with trap.at(point):
            return work(*values, **named)

    return struck
