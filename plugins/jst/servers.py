"""Sessions with PostgreSQL, Kafka and ClickHouse, as the addresses name them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Self, TypeVar

from jst.addresses import Addresses
from jst.clock import Clock, SystemClock
from jst.control.database import Database
from jst.control.kafka_cluster import follow_kafka
from jst.control.nodes import Nodes
from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import CountingProducer
from jst.kafka.retained import retained
from jst.kafka.topics import cluster_id
from jst.model.module import Module
from jst.warehouse.cluster import Warehouse, open_warehouse
from jst.warehouse.hosts import Hosts
from jst.warehouse.node_check import check_node

T = TypeVar("T")


class Servers:
    """Sessions with the servers: opened on first use, closed together."""

    def __init__(self, addresses: Addresses, clock: Clock | None = None) -> None:
        self._addresses = addresses
        self._open = ExitStack()
        self.clock: Clock = clock or SystemClock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._open.close()

    def _closing(self, part: T, close: Callable[[], Any]) -> T:
        self._open.callback(close)
        return part

    @cached_property
    def database(self) -> Database:
        database = Database(self._addresses.dsn)
        return self._closing(database, database.close)

    @cached_property
    def nodes(self) -> Nodes:
        return Nodes(self.database, self.clock)

    @cached_property
    def kafka(self) -> dict[str, Any]:
        return self._addresses.kafka

    @cached_property
    def producer(self) -> CountingProducer:
        producer = CountingProducer(self._followed_kafka)
        return self._closing(producer, producer.close)

    @cached_property
    def reader(self) -> ExactReader:
        reader = ExactReader(self._followed_kafka)
        return self._closing(reader, reader.close)

    @cached_property
    def _followed_kafka(self) -> dict[str, Any]:
        """How Kafka is reached, once it is noted which one it is: offsets mean those of one alone."""
        follow_kafka(self.database, cluster_id(self.kafka))
        return self.kafka

    def retained(self, module: Module) -> partial[Any]:
        """Return the question what Kafka still has of the module between two moments, to be called later."""
        return partial(retained, self.kafka, module.topic)

    @cached_property
    def hosts(self) -> Hosts:
        return self._addresses.hosts

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse: one node, or several that are kept in step and used like one."""
        return self.open_warehouse(self.hosts, check_node)

    def warehouse_as(self, user: str, password: str, **options: Any) -> Warehouse:
        """Build the warehouse of the same nodes with another login; ``options``: of the driver, instead of its own."""
        options = {**self.hosts.options, **options, "user": user, "password": password}
        return self.open_warehouse(replace(self.hosts, options=options))

    def open_warehouse(self, hosts: Hosts, check: Callable[[Any, Hosts], None] | None = None) -> Warehouse:
        """Build the warehouse of ``hosts``, whose nodes pass ``check`` first."""
        warehouse = open_warehouse(hosts, lambda: self.nodes, check)
        return self._closing(warehouse, warehouse.disconnect)
