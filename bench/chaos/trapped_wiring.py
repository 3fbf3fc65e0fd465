"""The product's own parts as a task has them, with the trap at the points where they touch the outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

from psycopg2.extensions import connection, cursor

from bench.chaos.trap import Trap
from bench.instruments.addresses import Address
from jst.addresses import KnownAddresses
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.letter_index import LetterIndex
from jst.control.plans import Plans
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import Batch, CountingProducer
from jst.kafka.record import LETTERS
from jst.model.module import Module
from jst.warehouse.cluster import SingleNode
from jst.wiring import Parts
from local.services.source import APP_KEY

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


class TrappedParts(Parts):
    """What one task has, with the points set into it."""

    def __init__(self, places: Places, trap: Trap) -> None:
        source = Settings.from_connection(
            places.erp, None, None, APP_KEY, places.secret,
            {"dialect": places.dialect, "quotas": QUOTAS[places.dialect]},
        )  # fmt: skip
        super().__init__(KnownAddresses(places.stores.dsn, places.stores.kafka, places.stores.clickhouse, source))
        self._places, self._trap = places, trap

    @cached_property
    def database(self) -> Database:
        database = _Database(self._places.stores.dsn, self._trap.statement)
        return self._closing(database, database.close)

    @cached_property
    def plans(self) -> Plans:
        plans = Plans(self.database)
        _struck(plans.watermarks, self._trap, quiet="quiet")
        _struck(plans.marts, self._trap, mark_after_load="mark")
        return _struck(plans, self._trap, add="plan", start_attempt="begin", pulled="receipt", loaded="loaded")

    @cached_property
    def holds(self) -> Holds:
        return _struck(super().holds, self._trap, end_shift="end")

    @cached_property
    def letters(self) -> LetterIndex:
        return _struck(super().letters, self._trap, add="index")

    @cached_property
    def client(self) -> Client:
        point = "look" if self._trap.role == "watch" else "page"
        return _struck(super().client, self._trap, page=point, since=point, listing=point)

    @cached_property
    def producer(self) -> CountingProducer:
        producer = super().producer
        batch = producer.batch

        def struck_batch(topic: str) -> Batch:
            return _struck(batch(topic), self._trap, send="send", flush="letter" if topic == LETTERS else "flush")

        setattr(producer, "batch", struck_batch)  # noqa: B010
        return producer

    @cached_property
    def reader(self) -> ExactReader:
        return _struck(super().reader, self._trap, read="read")

    @cached_property
    def warehouse(self) -> SingleNode:
        place = self._places.stores.clickhouse
        client = _Warehouse(place["host"], place["port"], user=place["user"], password=place["password"])
        client.trap = self._trap
        return self._closing(client, client.disconnect)

    def module(self, name: str) -> Module:
        module = super().module(name)
        endpoints = {
            dialect: replace(endpoint, pace_seconds=min(endpoint.pace_seconds, PACE))
            for dialect, endpoint in module.dialects.items()
        }
        return replace(module, dialects=endpoints)


class _Database(Database):
    """Calls ``executed`` after every statement of a transaction."""

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


class _Warehouse(SingleNode):
    """Tells its three kinds of writes apart by how they are called."""

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
    """Return the part, with these methods being points."""
    for method, point in points.items():
        setattr(part, method, _at(trap, point, getattr(part, method)))
    return part


def _at(trap: Trap, point: str, work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def struck(*values: Any, **named: Any) -> Any:
        with trap.at(point):
            return work(*values, **named)

    return struck
