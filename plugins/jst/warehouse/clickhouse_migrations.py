"""Bring a ClickHouse server's schema up to ``include/sql/migrations/clickhouse``; history is append-only."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from clickhouse_driver import Client

from jst.errors import Misconfigured
from jst.warehouse.bi_views import create_bi_views
from jst.warehouse.cluster import on_each_node
from jst.warehouse.hosts import Hosts
from jst.warehouse.node_check import MIGRATIONS, check_server
from jst.warehouse.sql import INSERT_SETTINGS, statement

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Migration:
    """One statement; ``name`` is the file's name, which also says the order."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrate(client: Client, folder: Path = MIGRATIONS, *, hosts: Hosts | None = None) -> list[str]:
    """Run what this server has not run yet and make the views of database bi; returns the names run. A server that a
    newer program has brought further is left as it is. ``hosts``: the nodes that ``client`` is, or is one of.

    Raises Misconfigured when history was altered, or the server is not one that can be kept right.
    """
    on_each_node(client, lambda node: check_server(node, hosts))
    migrations = read_migrations(folder)
    applied = _applied(client)
    _check_history(migrations, applied)
    pending = [migration for migration in migrations if migration.name not in applied]
    unrecorded: list[Migration] = []
    for migration in pending:
        client.execute(migration.sql)
        unrecorded.append(migration)
        if _has_history(client):
            _record(client, unrecorded)
            unrecorded = []
    on_each_node(client, lambda node: check_server(node, hosts))  # now that there are tables, by their engines
    if newer := [name for name in applied if name > migrations[-1].name]:
        log.warning("ClickHouse 的库表比程序新（%s）：照常运行，什么都不改", max(newer))
    else:
        create_bi_views(client)
    return [migration.name for migration in pending]


def read_migrations(folder: Path) -> list[Migration]:
    """List the files ``NNNN_verb_object.sql`` in order; numbers may be left out, as work that goes on side by side
    does."""
    migrations = [Migration(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("*.sql"))]
    numbers = [migration.name[:4] for migration in migrations]
    wrong = [number for number in numbers if not number.isdecimal() or numbers.count(number) > 1]
    if wrong or not numbers:
        raise Misconfigured(
            f"迁移文件的编号不对：{wrong[0] if wrong else '空'}（{folder.name}）",
            do="文件名须为 NNNN_动词_对象.sql，编号递增且不重复",
        )
    return migrations


def _has_history(client: Client) -> bool:
    return bool(client.execute("EXISTS TABLE ops.migration")[0][0])


def _applied(client: Client) -> dict[str, str]:
    return dict(client.execute(statement("migration_history/applied"))) if _has_history(client) else {}


def _record(client: Client, migrations: list[Migration]) -> None:
    rows = [(migration.name, migration.checksum) for migration in migrations]
    client.execute(statement("migration_history/record"), rows, settings=INSERT_SETTINGS)


def _check_history(migrations: list[Migration], applied: dict[str, str]) -> None:
    known = {migration.name: migration.checksum for migration in migrations}
    for name, checksum in sorted(applied.items()):
        if name > migrations[-1].name:
            continue  # a newer program's: tables only grow, so this one goes on
        if name not in known:
            raise Misconfigured(
                f"迁移 {name} 在服务器上执行过，但文件已不在",
                do="把它放回 include/sql/migrations/clickhouse（旧版本放在 include/sql/migrations，或从版本库取回），"
                "或换用与服务器相配的程序版本",
            )
        if known[name] != checksum:
            raise Misconfigured(
                f"迁移 {name} 在服务器上执行过，之后文件被改动", do="恢复原文件；新的改动请写成新的迁移文件"
            )
    late = [name for name in known if name not in applied and applied and name < max(applied)]
    if late:
        raise Misconfigured(f"迁移 {late[0]} 排在已执行的 {max(applied)} 之前", do="给新的迁移文件用最大的编号")
