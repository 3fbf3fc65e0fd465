"""From Airflow's connections to the parts of the system; constructing asks nothing of any server."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from typing import Any

from airflow.sdk import BaseHook
from airflow_clickhouse_plugin.hooks.clickhouse import conn_to_kwargs

from jst.airflow.connections import connection, control_dsn
from jst.clock import SystemClock
from jst.erp.connection_settings import Settings
from jst.erp.try_connection import try_connection
from jst.errors import JstError
from jst.model.module import load_module, module_names
from jst.warehouse.hosts import Hosts
from jst.wiring import Parts

log = logging.getLogger(__name__)
_TEST_SECONDS = 5.0
"""A person waits before the form; the connection's own time-out is for tasks."""


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

    def test_connection(self) -> tuple[bool, str]:
        """Ask the source for one page of every module, as the button 测试连接 of Airflow's list does: whether all were
        answered, and what there is to say. Airflow shows it for seconds, so all of it is logged as well, and of a
        refusal only the reasons are shown."""
        said = list[str]()
        try:
            settings = replace(self.settings(), timeout_seconds=_TEST_SECONDS)
            modules = [load_module(name) for name in module_names()]
            refused = try_connection(settings, modules, said.append, SystemClock())
        except JstError as error:
            return False, str(error)
        except Exception as error:  # its text may hold the address of a proxy with its password
            log.warning("testing connection %s ended with %s", self.jushuitan_conn_id, type(error).__name__)
            return False, f"意外的错误 {type(error).__name__}。处理：运行 python -m jst.erp.try_connection 查看详情"
        for line in said:
            log.info("%s %s", self.jushuitan_conn_id, line)
        reasons = [f"✗ {error.where.module}：{error.what}。处理：{error.do}" for error in refused]
        return not refused, "；".join(reasons or said)


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
