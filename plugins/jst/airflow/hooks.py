"""From Airflow's connections to the parts of the system; constructing asks nothing of any server."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.sdk import BaseHook
from airflow_clickhouse_plugin.hooks.clickhouse import conn_to_kwargs

from jst.airflow.connections import connection, control_dsn
from jst.erp.connection_settings import Settings
from jst.warehouse.hosts import Hosts
from jst.wiring import Parts


class JushuitanHook(BaseHook):
    """Connection type ``jushuitan``: fields as docs/connecting.md lists them."""

    conn_name_attr = "jushuitan_conn_id"
    default_conn_name = "jushuitan_default"
    conn_type = "jushuitan"
    hook_name = "聚水潭 Jushuitan"

    def __init__(self, jushuitan_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.jushuitan_conn_id = jushuitan_conn_id

    def settings(self) -> Settings:
        """Read the connection. Raises Misconfigured naming the wrong or missing field."""
        conn = connection(self.jushuitan_conn_id)
        return Settings.from_connection(
            conn.host, conn.port, conn.schema, conn.login, conn.password, conn.extra_dejson or {}
        )


class ConnectionAddresses:
    """Addresses from the Airflow connection of each server, looked up when first needed."""

    @cached_property
    def dsn(self) -> str:
        return control_dsn()

    @cached_property
    def kafka(self) -> dict[str, Any]:
        return dict(connection("kafka_default").extra_dejson)

    @cached_property
    def hosts(self) -> Hosts:
        return Hosts.from_options(conn_to_kwargs(connection("clickhouse_default"), None))

    @cached_property
    def settings(self) -> Settings:
        return JushuitanHook().settings()


def parts_from_connections() -> Parts:
    """Wire what a task or trigger needs to the servers that Airflow's connections name."""
    return Parts(ConnectionAddresses())
