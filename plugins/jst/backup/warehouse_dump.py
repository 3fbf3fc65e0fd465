"""ClickHouse's own BACKUP and RESTORE of our databases, from one node."""

from __future__ import annotations

import logging
from typing import Any

from clickhouse_driver import Client

from jst.clock import Clock
from jst.errors import Misconfigured, Retry
from jst.warehouse.cluster import translate_errors

log = logging.getLogger(__name__)
DATABASES = ("ods", "dwd", "dws", "dim", "ops", "access")
"""Database bi has views alone: they are made anew of their files."""
WITH_ROWS = ("ods", "dwd", "dws", "dim")
LOOK_SECONDS, TELL_SECONDS = 0.5, 30.0
_OURS = ", ".join(f"DATABASE {name}" for name in DATABASES)
_STATUS = "SELECT status, error, num_files, files_read, total_size FROM system.backups WHERE id = %(id)s"
_REFUSED = "ClickHouse 的 backups.allowed_disk 要有这个盘（S3 要有地址与密钥），用户要有权限：docs/backup.md"


def save(client: Client, place: str, base: str, clock: Clock) -> int:
    """Write all of our tables to ``place``, as ClickHouse names it: only what ``base`` does not have, '' all of it.
    Returns bytes. Raises Retry when ClickHouse is away or refuses."""
    adding = f" SETTINGS base_backup = {base}" if base else ""
    return _follow(client, f"BACKUP {_OURS} TO {place}{adding} ASYNC", "备份", clock)


def put_back(client: Client, place: str, clock: Clock) -> int:
    """Make our databases what the backup says, whatever they were; returns bytes. Raises as ``save``."""
    for name in ("bi", *DATABASES):
        client.execute(f"DROP DATABASE IF EXISTS {name} SYNC")
    return _follow(client, f"RESTORE {_OURS} FROM {place} ASYNC", "恢复", clock)


def is_used(client: Client) -> bool:
    """Say whether tables of ours hold rows, which a restore would take away."""
    ours = {"ours": WITH_ROWS}
    ((rows,),) = client.execute("SELECT sum(total_rows) FROM system.tables WHERE database IN %(ours)s", ours)
    return bool(rows)


def _follow(client: Client, sql: str, doing: str, clock: Clock) -> int:
    """Run it in the server's background and look on: it may take longer than a connection lives."""
    with translate_errors(f"{doing}", away="恢复后再运行一次", refused=_REFUSED):
        ((number, _),) = client.execute(sql)
        told = began = clock.monotonic()
        while True:
            status, error, files, read, size = _state(client, number)
            if status in ("BACKUP_CREATED", "RESTORED"):
                log.info("ClickHouse %s完成：%s 字节，%.0f 秒", doing, f"{size:,}", clock.monotonic() - began)
                return int(size)
            if status not in ("CREATING_BACKUP", "RESTORING"):
                why = error.split("Stack trace")[0].strip()[:500]
                raise Misconfigured(f"ClickHouse 的{doing}没有完成：{why}", do=_REFUSED)
            if clock.monotonic() - told > TELL_SECONDS:
                told = clock.monotonic()
                log.info("ClickHouse %s：%d / %d 个文件，%.0f 秒", doing, read, files, told - began)
            clock.sleep(LOOK_SECONDS)


def _state(client: Client, number: str) -> tuple[Any, ...]:
    rows = client.execute(_STATUS, {"id": number})
    if not rows:
        raise Retry("ClickHouse 忘了正在进行的备份或恢复：它重启过", do="再运行一次", server="ClickHouse")
    found: tuple[Any, ...] = rows[0]
    return found
