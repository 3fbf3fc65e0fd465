"""From Airflow's connections to the parts of the system; nothing is asked of any server while constructing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from airflow.sdk import BaseHook
from airflow_clickhouse_plugin.hooks.clickhouse import conn_to_kwargs

from jst.airflow.connections import connection, control_dsn
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.incidents import Incidents
from jst.control.letter_index import LetterIndex
from jst.control.load_lock import LoadLock
from jst.control.nodes import Nodes
from jst.control.plans import Plans
from jst.control.reconcile_state import ReconcileState
from jst.control.request_budget import PostgresBudget
from jst.control.token_store import PostgresTokens
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.flow.load import Loader
from jst.flow.mart_refresh import MartRefresh
from jst.flow.pull import Puller
from jst.flow.reconcile.reread import Rereader
from jst.flow.reconcile.round import Reconcile
from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import CountingProducer
from jst.model.module import Module
from jst.warehouse.cluster import IMPATIENT, Cluster, Warehouse
from jst.warehouse.hosts import Hosts

T = TypeVar("T")


class JushuitanHook(BaseHook):
    """Connection type ``jushuitan``: login = app_key, password = app_secret, extra.dialect and more (README)."""

    conn_name_attr = "jushuitan_conn_id"
    default_conn_name = "jushuitan_default"
    conn_type = "jushuitan"
    hook_name = "聚水潭 Jushuitan"

    def __init__(self, jushuitan_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.jushuitan_conn_id = jushuitan_conn_id

    def settings(self) -> Settings:
        """Raises Misconfigured naming the wrong or missing field."""
        conn = connection(self.jushuitan_conn_id)
        return Settings.from_connection(
            conn.host, conn.port, conn.schema, conn.login, conn.password, conn.extra_dejson or {}
        )


class Parts:
    """What one task or trigger needs, built on first use and closed together."""

    def __init__(self, jushuitan_conn_id: str = JushuitanHook.default_conn_name) -> None:
        self._jushuitan_conn_id = jushuitan_conn_id
        self._open = ExitStack()
        self.clock = SystemClock()

    def __enter__(self) -> Parts:
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
        database = Database(control_dsn())
        return self._closing(database, database.close)

    @cached_property
    def plans(self) -> Plans:
        return Plans(self.database)

    @cached_property
    def feeds(self) -> Holds:
        return Holds(self.database)

    @cached_property
    def settings(self) -> Settings:
        return JushuitanHook(self._jushuitan_conn_id).settings()

    @cached_property
    def budget(self) -> PostgresBudget:
        budget = PostgresBudget(self.database, self.settings.credential, self.clock)
        return self._closing(budget, budget.close)

    @cached_property
    def client(self) -> Client:
        settings = self.settings
        tokens = PostgresTokens(self.database, settings.credential, settings.app_secret, self.clock)
        client = Client(settings, self.budget, self.clock, tokens=tokens)
        return self._closing(client, client.close)

    @cached_property
    def kafka(self) -> dict[str, Any]:
        """librdkafka settings from the Kafka provider's connection."""
        return dict(connection("kafka_default").extra_dejson)

    @cached_property
    def producer(self) -> CountingProducer:
        producer = CountingProducer(self.kafka)
        return self._closing(producer, producer.close)

    @cached_property
    def hosts(self) -> Hosts:
        """The ClickHouse nodes of the connection."""
        return Hosts.from_options(conn_to_kwargs(connection("clickhouse_default"), None))

    @cached_property
    def warehouse(self) -> Warehouse:
        """One node, or several that are kept in step and used like one."""
        return self._warehouse(self.hosts)

    def seen_by(self, conn_id: str) -> Warehouse:
        """The same nodes with the login of another connection, whose address is not looked at."""
        conn = connection(conn_id)
        return self._warehouse(replace(self.hosts, options={**self.hosts.options, "user": conn.login,
                                                            "password": conn.password}))  # fmt: skip

    def _warehouse(self, hosts: Hosts) -> Warehouse:
        if hosts.alone:
            client = hosts.client(hosts.names[0])
            return self._closing(client, client.disconnect)
        nodes = Nodes(self.database, self.clock)
        nodes.register(hosts.names)
        cluster = Cluster(lambda name: hosts.client(name, IMPATIENT), nodes)
        return self._closing(cluster, cluster.disconnect)

    @cached_property
    def reader(self) -> ExactReader:
        reader = ExactReader(self.kafka)
        return self._closing(reader, reader.close)

    def puller(self, module: Module) -> Puller:
        return Puller(module, self.client, self.producer, self.plans, LetterIndex(self.database), self.clock)

    def loader(self, module: Module) -> Loader:
        lock = LoadLock(self.database, self.clock)
        return Loader(module, self.reader, self.warehouse, self.plans, self.feeds, lock, self.clock)

    def refresher(self) -> MartRefresh:
        lock = LoadLock(self.database, self.clock)
        return MartRefresh(self.plans.marts, self.warehouse, lock, self.feeds, self.clock)

    def reconcile(self, module: Module, run_id: str) -> Reconcile:
        state = ReconcileState(self.database, module.name)
        mender = Rereader(
            self.puller(module), self.loader(module), self.warehouse, self.plans, state, self.clock, run_id
        )
        incidents = Incidents(self.database)
        return Reconcile(module, self.client, mender, self.warehouse, state, incidents, self.clock)
