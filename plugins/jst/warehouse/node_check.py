"""What must be true of a ClickHouse server before anything is read from it or written to it (docs/decisions/0095)."""

from __future__ import annotations

from clickhouse_driver import Client
from clickhouse_driver import errors as driver_errors

from jst.errors import Misconfigured
from jst.model.needed_migrations import check_applied
from jst.warehouse.hosts import Hosts
from jst.warehouse.sql import FOLDER, statement

OLDEST_SERVER = (24, 8)
MIGRATIONS = FOLDER / "migrations" / "clickhouse"
_DATABASES = "'ods', 'dwd', 'dws', 'dim', 'ops', 'access'"


def check_server(client: Client, hosts: Hosts | None = None) -> None:
    """Check one node of ``hosts``: its version, and that a row we write is kept by every copy people may read.

    Raises Misconfigured when the server is older than our SQL needs, or belongs to a cluster whose copies neither the
    server's shared storage nor our own writes keep equal.
    """
    version, engines, replicated, others = client.execute(statement("migration_history/server", databases=_DATABASES))[
        0
    ]
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_SERVER:
        oldest = ".".join(map(str, OLDEST_SERVER))
        raise Misconfigured(
            f"ClickHouse 版本是 {version}，至少需要 {oldest}", do=f"把 ClickHouse 升级到 {oldest} 或更新版本"
        )
    if engines and all(engine.startswith("Shared") for engine in engines):
        return
    if sign := _sign_of_copies(engines, replicated, others, hosts):
        raise Misconfigured(
            f"ClickHouse 是自建的多副本集群：{sign}；我们的表在副本之间不会复制，每个副本只有一部分数据",
            do="改用两个互不复制的节点：从连接 clickhouse_default 删去 extra.alt_hosts，换成不在集群里的服务器，"
            "第二台写在 extra.standby（docs/zh/two-clickhouse-nodes.md）；或改用共享存储的 ClickHouse"
            "（ClickHouse Cloud、阿里云企业版）",
        )


def check_node(client: Client, hosts: Hosts) -> None:
    """Check one node as ``check_server`` does, and that it has every migration of this program; one that has more is a
    newer program's and goes on serving this one.

    Raises Misconfigured.
    """
    check_server(client, hosts)
    try:
        applied = {name for name, _ in client.execute(statement("migration_history/applied"))}
    except driver_errors.ServerException as error:
        if error.code not in (driver_errors.ErrorCodes.UNKNOWN_TABLE, driver_errors.ErrorCodes.UNKNOWN_DATABASE):
            raise
        applied = set()
    check_applied(applied, MIGRATIONS, " ClickHouse ")


def _sign_of_copies(engines: list[str], replicated: list[str], others: int, hosts: Hosts | None) -> str:
    """Say by what one sees copies that nothing keeps equal; '' when there are none."""
    if hosts and hosts.options.get("alt_hosts"):
        return f"连接写了 extra.alt_hosts：{hosts.options['alt_hosts']}"
    if replicas := sorted(engine for engine in engines if engine.startswith("Replicated")):
        return f"表的引擎是 {'、'.join(replicas)}"
    if replicated:
        return f"数据库 {'、'.join(sorted(replicated))} 的引擎是 Replicated"
    if others >= (len(hosts.names) if hosts else 1):
        return f"它在 system.clusters 里有 {others} 个别的副本"
    return ""
