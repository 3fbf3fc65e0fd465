"""Which backups are kept: the newest full ones with what adds to them, and nothing that is half made."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jst.backup.backup_folder import BackupFolder, Manifest
from jst.clock import SHANGHAI
from jst.errors import Misconfigured

MONDAY = datetime(2026, 3, 2, 2, tzinfo=SHANGHAI)


def made(folder: BackupFolder, day: int, base: str = "", *, whole: bool = True) -> str:
    at = MONDAY + timedelta(days=day)
    name = f"{at:%Y%m%d%H%M%S}"
    folder.begin(name).write_bytes(b"dump")
    if whole:
        folder.finish(Manifest(name, base, at, at, folder.warehouse_place(name), "0.1.0"))
    return name


def test_three_weeks_are_kept_with_what_adds_to_them(tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path, "Disk('backups', '{name}')")
    old, old_added = made(folder, 0), ""
    old_added = made(folder, 1, old)
    (tmp_path / "clickhouse" / old).mkdir(parents=True)
    kept = [base := made(folder, 7), made(folder, 8, base), base := made(folder, 14), made(folder, 15, base)]
    assert folder.forget_old() == []
    killed = made(folder, 20, whole=False)
    kept += [made(folder, 21)]
    running = made(folder, 22, whole=False)
    assert folder.forget_old() == [old, old_added, killed]
    assert [manifest.name for manifest in folder.all()] == kept
    assert (tmp_path / running).exists()
    assert not (tmp_path / "clickhouse" / old).exists()
    newest, dump = folder.find()
    assert (newest.name, newest.warehouse) == (kept[-1], f"Disk('backups', '{kept[-1]}')")
    assert dump.read_bytes() == b"dump"


def test_a_backup_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path, "Disk('backups', '{name}')")
    with pytest.raises(Misconfigured, match="一个也没有"):
        folder.find()
    there = made(folder, 0)
    made(folder, 1, whole=False)
    with pytest.raises(Misconfigured, match=there):
        folder.find("20990101000000")
