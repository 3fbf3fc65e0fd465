"""Make all that must be there before anything runs, and say what is lacking: ``python -m jst.airflow.prepare``.

Run with Airflow's settings and connections, after ``airflow db migrate`` and before schedulers and workers start:
tables of PostgreSQL and ClickHouse, Kafka topics, pools; ClickHouse's users, where connection ``clickhouse_admin`` has
the login of an administrator (passwords as ``jst.access.render`` reads them, else those of the connections). It may be
run again at any time. Exit status 0: all is there; 1: a sentence says what to do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from jst.access.render import sql, variable
from jst.access.server_settings import lacking
from jst.access.spec import load_access, version_of
from jst.airflow.connections import connection, connection_if_any
from jst.airflow.hooks import parts_from_connections
from jst.airflow.pools import make_pools
from jst.clock import SystemClock
from jst.control.postgres_migrations import migrate as migrate_control
from jst.errors import JstError, Misconfigured, Retry
from jst.kafka.topics import create_topics
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from jst.warehouse.cluster import translate_errors
from jst.warehouse.hosts import Hosts
from jst.wiring import Parts

PATIENCE_SECONDS = 180.0
"""How long a server is waited for: on a fresh machine they start beside this."""
ADMIN = "clickhouse_admin"
NEEDED = ("jst_ops", "kafka_default", "clickhouse_default")
OPTIONAL = {
    "jushuitan_default": "什么都不读",
    "clickhouse_boards": "看板没有数据，权限不能证明",
    "clickhouse_boards_finance": "看板上没有成本，权限不能证明",
    "clickhouse_monitoring": "监控查不到 ClickHouse",
}
"""Connections without which something is not there; each is named, and nothing fails."""


def prepare() -> Iterator[str]:
    """Do everything, yielding a line in Chinese for each step. Raises JstError, Retry while a server is away."""
    for name in NEEDED:
        connection(name)
    with parts_from_connections() as parts:
        yield _named("控制库 jst_ops", migrate_control(parts.database))
        with translate_errors(
            "建库建表", away="恢复后再运行", refused="确认账号与权限正确（docs/lingyang.md 的“账号”一节）"
        ):
            yield from _access(parts.hosts)
            warehouse = parts.open_warehouse(parts.hosts)
            yield _named("数仓 ClickHouse", migrate_warehouse(warehouse, hosts=parts.hosts))
            for sentence in lacking(warehouse, load_access()):
                yield f"! {sentence}"
            _log_in(parts)
        yield _named("Kafka topic", create_topics(parts.kafka))
    yield _named("资源池", make_pools())
    for name, without in OPTIONAL.items():
        if connection_if_any(name) is None:
            yield f"! 没有连接 {name}：{without}"


def _named(what: str, done: list[str]) -> str:
    return f"✓ {what}：{'、'.join(done) or '已是最新'}"


def _access(hosts: Hosts) -> Iterator[str]:
    """Make the users of access.yaml on every node: nodes that do not replicate each have their own."""
    admin, access = connection_if_any(ADMIN), load_access()
    if admin is None:
        yield f"! 没有连接 {ADMIN}：ClickHouse 的账号由管理员建立（docs/lingyang.md 的“账号”一节）"
        return
    login = {"user": admin.login, "password": admin.password}
    for name in hosts.names:
        with replace(hosts, options={**hosts.options, **login}).client(name) as node:
            ((version,),) = node.execute("SELECT version()")
            for statement in sql(access, _password, version_of(version)):
                node.execute(statement)
    yield f"✓ ClickHouse 账号与权限：{len(access.users)} 个账号，{len(hosts.names)} 个节点"


def _password(user: str) -> str:
    """Return the password of a ClickHouse user. Raises Misconfigured when no variable and no connection has it."""
    conn = connection_if_any("clickhouse_default" if user == "etl" else f"clickhouse_{user}")
    known = os.environ.get(variable(user)) or (conn.password if conn is not None and conn.login == user else "")
    if not known:
        raise Misconfigured(f"没有 ClickHouse 账号 {user} 的密码", do=f"设置环境变量 {variable(user)} 后再运行")
    return known


def _log_in(parts: Parts) -> None:
    """Let every other login that a connection names ask the server for nothing."""
    for name in OPTIONAL:
        conn = connection_if_any(name) if name.startswith("clickhouse_") else None
        if conn is not None:
            parts.warehouse_as(conn.login, conn.password).execute("SELECT 1")


def main() -> int:
    """Prepare, waiting for servers that are away; prints what was done and returns the exit status."""
    # connections that people keep in Airflow's database are looked up by Airflow's servers only
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    clock = SystemClock()
    until = clock.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            for line in prepare():
                print(line, flush=True)
            return 0
        except Retry as away:
            print(f"… {away}", file=sys.stderr, flush=True)
            if clock.monotonic() > until:
                return 1
            clock.sleep(max(away.after, 2.0))
        except JstError as error:
            print(f"✗ {error}", file=sys.stderr)
            return 1
        except DBAPIError as error:
            said = " ".join(str(error.orig).split())[:300]
            print(f"✗ Airflow 元数据库：{said}。处理：先运行 airflow db migrate", file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
