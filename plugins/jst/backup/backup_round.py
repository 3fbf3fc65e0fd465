"""A backup from beginning to end, and putting one back: in an order that loses nothing (docs/decisions/0096)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import NamedTuple

from clickhouse_driver import Client

from jst.backup import control_dump, warehouse_dump
from jst.backup.backup_folder import BackupFolder, Manifest
from jst.clock import Clock
from jst.control.backup_log import BackupLog
from jst.control.database import Database
from jst.control.postgres_migrations import migrate as migrate_control
from jst.errors import Misconfigured
from jst.model.version import package_version
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse

log = logging.getLogger(__name__)
FULL_EVERY = timedelta(days=7)


class Restored(NamedTuple):
    """A backup that was put back, and into which of the two."""

    manifest: Manifest
    control: bool
    warehouse: bool


class BackupRound:
    """``dsn``: the control database; ``node``: the ClickHouse node that is backed up or filled."""

    def __init__(self, dsn: str, node: Client, folder: BackupFolder, clock: Clock) -> None:
        self._dsn, self._node, self._folder, self._clock = dsn, node, folder, clock

    def save(self) -> Manifest:
        """Make a backup: a full one once a week, else what has changed since. PostgreSQL comes first: ClickHouse then
        has all that PostgreSQL says is loaded. Killed at any point, there is no backup of this name, and the next one
        is made as if this one had not been tried. Raises Misconfigured and Retry."""
        began = self._clock.now()
        name, base = f"{began:%Y%m%d%H%M%S}", self._base()
        with Database(self._dsn) as database:
            notes = BackupLog(database)
            notes.begin(name, base.name if base else "")
            try:
                manifest, sizes = self._write(name, base)
            except Exception as error:
                notes.fail(name, str(error))
                raise
            notes.finish(name, *sizes)
        if gone := self._folder.forget_old():
            log.info("已删除过期的备份：%s", "、".join(gone))
        return manifest

    def _write(self, name: str, base: Manifest | None) -> tuple[Manifest, tuple[int, int]]:
        began, file = self._clock.now(), self._folder.begin(name)
        control_dump.dump(self._dsn, file)
        place = self._folder.warehouse_place(name)
        size = warehouse_dump.save(self._node, place, base.warehouse if base else "", self._clock)
        manifest = Manifest(name, base.name if base else "", began, self._clock.now(), place, package_version())
        self._folder.finish(manifest)
        return manifest, (file.stat().st_size, size)

    def _base(self) -> Manifest | None:
        """Return the full backup the next one adds to; None when it is time for another full one."""
        full = [manifest for manifest in self._folder.all() if not manifest.base]
        return full[-1] if full and self._clock.now() - full[-1].began_at < FULL_EVERY else None

    def put_back(self, name: str = "") -> Restored:
        """Put a backup, the newest where no name is given, into what is empty of the two servers, and bring that up to
        this program. PostgreSQL comes last: nothing runs on one that is empty. Killed, it is done again.

        Raises Misconfigured when there is no such backup, or both servers hold data; Retry when one is away.
        """
        manifest, file = self._folder.find(name)
        with Database(self._dsn) as database:
            notes = BackupLog(database)
            control = not notes.is_used()
            warehouse = notes.is_filling() or not warehouse_dump.is_used(self._node)
            if not control and not warehouse:
                raise Misconfigured(
                    "控制库 jst_ops 与 ClickHouse 里都有数据，恢复会把它们换掉，所以什么都没有做",
                    do="换空的服务器；确认哪一边的数据不要了，就先清空它（docs/zh/backup.md）",
                )
            if warehouse:
                notes.begin_filling()
                warehouse_dump.put_back(self._node, manifest.warehouse, self._clock)
                migrate_warehouse(self._node)
                notes.end_filling()
            if control:
                notes.clear()
                control_dump.put_back(self._dsn, file)
                migrate_control(database)
                notes.put_back(manifest.name, manifest.finished_at)
        return Restored(manifest, control, warehouse)
