"""Make one ClickHouse node equal to another, and show that it is: by checksums, then key by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from clickhouse_driver import Client

from jst.errors import Retry
from jst.warehouse.sql import INSERT_SETTINGS, statement

_ROWS_PER_BUCKET = 1_000
_LITERALS = 2_000
"""Numbers that a statement names: with 20 digits each they stay well below the server's limit of its text."""
Sums = dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """One table. ``key``: its sorting key as SQL; ``stored`` and ``compared``: its columns as SQL."""

    name: str
    key: str
    rows: int
    stored: str
    compared: str

    @property
    def row(self) -> str:
        """A number that stands for a row's key."""
        return f"cityHash64({self.key})" if self.key else f"cityHash64({self.compared})"


@dataclass(frozen=True, slots=True)
class Address:
    """Host and login under which a node reaches the other one."""

    host_port: str
    user: str
    password: str = field(repr=False)
    secure: bool = False


def tables(client: Client) -> list[CopiedTable]:
    """List what a standby must have."""
    return [
        CopiedTable(name, key, rows or 0, stored, compared)
        for name, key, rows, stored, compared in client.execute(statement("standby/tables"), {})
    ]


def copy_all(source: Client, target: Client, table: CopiedTable, address: Address) -> int:
    """Empty the table of ``target`` and fill it from ``source``, partition by partition; returns rows."""
    target.execute(f"TRUNCATE TABLE {table.name}")
    partitions = [name for (name,) in source.execute(statement("standby/partitions"), {"table": table.name})]
    return sum(_copy(target, table, address, f"_partition_id = '{partition}'") for partition in partitions)


def buckets(table: CopiedTable) -> str:
    """Return SQL for a number per some thousand rows, so that few rows are behind a checksum that differs."""
    return f"modulo({table.row}, {max(1, table.rows // _ROWS_PER_BUCKET)})"


def differing_keys(source: Client, target: Client, table: CopiedTable) -> tuple[list[int], int]:
    """Return the keys whose rows are not the same on both nodes, and how many rows ``source`` has. While another
    process writes, a key may be named that is the same a moment later."""
    by = buckets(table)
    there, here = _sums(source, table, by, "1"), _sums(target, table, by, "1")
    keys = list[int]()
    for chunk in _chunks(_unequal(there, here)):
        keys += differing_among(source, target, table, by, chunk)
    return keys, sum(rows for rows, _ in there.values())


def differing_among(source: Client, target: Client, table: CopiedTable, by: str, parts: Sequence[int]) -> list[int]:
    """Return the keys whose rows differ, among those whose ``by`` is one of ``parts``."""
    where = _within(by, parts)
    return _unequal(_sums(source, table, table.row, where), _sums(target, table, table.row, where))


def copy_keys(source: Client, target: Client, table: CopiedTable, keys: Sequence[int], address: Address) -> int:
    """Make the rows of these keys the same as on ``source``; no process may write meanwhile. Returns how many differed.

    Raises Retry when they differ even then.
    """
    mended = 0
    for chunk in _chunks(keys):
        wrong = differing_among(source, target, table, table.row, chunk)
        if wrong:
            where = _within(table.row, wrong)
            target.execute(statement("standby/delete", table=table.name, where=where))
            _copy(target, table, address, where)
            mended += len(wrong)
            if differing_among(source, target, table, table.row, chunk):
                raise Retry(
                    f"{table.name} 更正之后仍与正在服务的节点不同", do="会自动重试；反复出现时查看有没有绕过系统的写入"
                )
    return mended


def _copy(target: Client, table: CopiedTable, address: Address, where: str) -> int:
    remote = "remoteSecure" if address.secure else "remote"
    sql = statement("standby/copy", remote=remote, table=table.name, stored=table.stored, where=where)
    facts = {"address": address.host_port, "user": address.user, "password": address.password}
    target.execute(sql, facts, settings=INSERT_SETTINGS)
    return int(target.last_query.progress.written_rows)


def _sums(client: Client, table: CopiedTable, by: str, where: str) -> Sums:
    sql = statement("standby/sums", by=by, compared=table.compared, table=table.name, where=where)
    return {part: (rows, checksum) for part, rows, checksum in client.execute(sql)}


def _unequal(there: Sums, here: Sums) -> list[int]:
    return sorted(part for part in there.keys() | here.keys() if there.get(part) != here.get(part))


def _within(by: str, parts: Sequence[int]) -> str:
    return f"{by} IN ({', '.join(map(str, parts))})"


def _chunks(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + _LITERALS] for start in range(0, len(keys), _LITERALS))
