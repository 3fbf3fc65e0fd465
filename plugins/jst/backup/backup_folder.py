"""The folder that keeps the control database's dumps, with a file for each backup that says what it is."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from jst.errors import Misconfigured

_ABOUT, _CONTROL = "backup.json", "jst_ops.dump"
KEPT_FULL = 3
"""Full backups that are kept, with all that add to them: three weeks."""


class Manifest(msgspec.Struct, frozen=True):
    """One complete backup. ``base``: the full one it adds to; '' when it is full itself. ``warehouse``: where its
    ClickHouse part lies, as ClickHouse names it."""

    name: str
    base: str
    began_at: datetime
    finished_at: datetime
    warehouse: str
    version: str


class BackupFolder:
    """``root`` holds a folder per backup. ClickHouse writes its part itself, to ``warehouse``, where ``{name}`` stands
    for the backup: Disk('backups', '{name}') is a disk of its server, S3('https://…/{name}', …) a bucket."""

    def __init__(self, root: Path, warehouse: str) -> None:
        self._root, self._warehouse = root, warehouse

    def warehouse_place(self, name: str) -> str:
        """Return where ClickHouse writes its part."""
        return self._warehouse.format(name=name)

    def begin(self, name: str) -> Path:
        """Make room for a backup; returns the file the control database is dumped to."""
        (self._root / name).mkdir(parents=True, mode=0o700)
        return self._root / name / _CONTROL

    def finish(self, manifest: Manifest) -> None:
        """Say that the backup is complete: before that it is none."""
        part = self._root / manifest.name / f"{_ABOUT}.part"
        part.write_bytes(msgspec.json.encode(manifest))
        part.replace(part.with_name(_ABOUT))

    def all(self) -> list[Manifest]:
        """List the complete backups, the oldest first."""
        files = sorted(self._root.glob(f"*/{_ABOUT}"))
        return sorted((msgspec.json.decode(path.read_bytes(), type=Manifest) for path in files), key=lambda m: m.name)

    def find(self, name: str = "") -> tuple[Manifest, Path]:
        """Return a backup, the newest where no name is given, and the control database's dump. Raises Misconfigured
        when there is none."""
        known = {manifest.name: manifest for manifest in self.all()}
        if (wanted := name or max(known, default="")) not in known:
            raise Misconfigured(
                f"{self._root} 里没有完整的备份{f' {name}' if name else ''}",
                do=f"可选：{'、'.join(known) or '一个也没有'}；或改环境变量 JST_BACKUP_FOLDER",
            )
        return known[wanted], self._root / wanted / _CONTROL

    def forget_old(self) -> list[str]:
        """Delete what is older than the full backups that are kept, and what never was complete; returns the names.
        ClickHouse's part goes with it where its disk is ``clickhouse`` in this folder."""
        kept = self.all()
        full = [manifest.name for manifest in kept if not manifest.base]
        oldest = full[-KEPT_FULL] if len(full) >= KEPT_FULL else ""
        good = {manifest.name for manifest in kept if (manifest.base or manifest.name) >= oldest}
        newest = max(good, default="")
        gone = [
            path.name
            for path in sorted(self._root.iterdir())
            if path.name.isdecimal() and path.name not in good and path.name < newest
        ]
        for name in gone:
            shutil.rmtree(self._root / "clickhouse" / name, ignore_errors=True)
            shutil.rmtree(self._root / name)
        return gone
