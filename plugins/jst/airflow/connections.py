"""Airflow's connections by name and its address, with one clear sentence where one is missing."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.configuration import conf
from psycopg2 import ProgrammingError
from psycopg2.extensions import make_dsn

from jst.errors import Misconfigured


def connection(conn_id: str) -> Any:
    """Look a connection up. Raises Misconfigured when there is none of this name."""
    found = connection_if_any(conn_id)
    if found is None:
        raise Misconfigured(
            f"Airflow 里没有连接 {conn_id}",
            do=f"在 Airflow 的“管理 → 连接”中新建 {conn_id}（字段见 docs/zh/connecting.md），"
            f"或设置环境变量 AIRFLOW_CONN_{conn_id.upper()}",
        )
    return found


def connection_if_any(conn_id: str) -> Any:
    """Look a connection up; None when there is none of this name: what it is for is not used."""
    try:
        return BaseHook.get_connection(conn_id)
    except Exception as missing:
        if type(missing).__name__ != "AirflowNotFoundException":
            raise
        return None


def base_address() -> str:
    """Return the address of Airflow that links in messages begin with. Raises Misconfigured when it is not set."""
    address = str(conf.get("api", "base_url", fallback="") or "")
    if not address:
        raise Misconfigured(
            "Airflow 没有设置 [api] base_url，消息里的链接不知道写哪个地址",
            do="设置环境变量 AIRFLOW__API__BASE_URL，例如 https://airflow.example.com，再重启 Airflow",
        )
    return address.rstrip("/")


def control_dsn(options: str | None = None) -> str:
    """Build the libpq connection string of the control database from connection ``jst_ops`` and its extras, such as
    sslmode; ``options`` of the session. Raises Misconfigured naming an extra libpq does not know."""
    conn = connection("jst_ops")
    extra: dict[str, Any] = dict(conn.extra_dejson)
    if options:
        extra["options"] = f"{extra.get('options', '')} {options}".strip()
    for name, value in extra.items():
        _check_known(name, value)
    fields = {"host": conn.host, "port": conn.port, "dbname": conn.schema, "user": conn.login}
    return make_dsn(None, **{**extra, **fields, "password": conn.password})


def _check_known(name: str, value: object) -> None:
    try:
        make_dsn(None, **{name: value})
    except (ProgrammingError, TypeError):
        raise Misconfigured(
            f"控制库连接 jst_ops 的 extra.{name} 不认识",
            do="改为 libpq 的连接参数，例如 sslmode、sslrootcert，或删去它",
        ) from None
