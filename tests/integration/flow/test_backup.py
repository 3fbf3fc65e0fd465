"""A backup under load, the loss of everything, and what is put back goes on as if nothing had been."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jst.backup.backup_folder import BackupFolder
from jst.backup.backup_round import BackupRound
from jst.backup.warehouse_dump import DATABASES
from jst.clock import SystemClock
from jst.control.backup_log import BackupLog
from jst.errors import Misconfigured
from jst.flow.live.shift import Limits
from local.instance import Instance
from local.services.postgres import binaries
from tests.support.house import House
from tests.support.search_depth import DEPTH

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse, pytest.mark.search]
DIALECTS = ["gateway"][: DEPTH.of(0, 1)]


@pytest.fixture
def backups(house: House, stack: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BackupRound:
    monkeypatch.setenv("PATH", os.pathsep.join([str(binaries()), os.environ["PATH"]]))
    node = house.open_warehouse(house.hosts)
    return BackupRound(house.dsn, node, BackupFolder(tmp_path, "Disk('backups', '{name}')"), SystemClock())


def read_on(house: House, run_id: str, *, load: bool = True) -> None:
    house.shift(run_id=run_id).run(Limits(longest=20, quiet=2))
    while load and house.loader().load_waiting():
        pass


def destroy(house: House) -> None:
    for name in ("bi", *DATABASES):
        house.warehouse.execute(f"DROP DATABASE IF EXISTS {name} SYNC")
    BackupLog(house.database).clear()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_put_back_onto_another_kafka_goes_on_and_misses_nothing(
    house: House, backups: BackupRound, dialect: str
) -> None:
    assert house.watch().reason_to_start() == ""
    house.sandbox.post("orders_per_hour", {"value": 50000})
    read_on(house, "loaded")
    full = backups.save()
    house.skip(5)
    read_on(house, "lies in Kafka", load=False)
    added = backups.save()
    assert (full.base, added.base) == ("", full.name)
    assert house.database.rows("SELECT name FROM backup WHERE finished_at IS NOT NULL ORDER BY name") == [
        (full.name,), (added.name,)
    ]  # fmt: skip
    house.skip(5)
    read_on(house, "after the backup")
    with pytest.raises(Misconfigured, match="都有数据"):
        backups.put_back()
    numbers = house.database.rows("SELECT max(ordinal), max(ticket) FROM plan, credential")

    destroy(house)
    assert backups.put_back() == (added, True, True)
    assert house.database.rows("SELECT count(*) FROM plan WHERE state = 'pulled'") != [(0,)]
    house.database.rows("UPDATE kafka_cluster SET cluster_id = 'another'")

    restored = house.beside()
    try:
        restored.freeze()
        read_on(restored, "restored")
        truth = {row["io_id"]: row["status"] for row in restored.sandbox.truth("sale_out")}
        shown = dict(restored.rows("SELECT io_id, any(status) FROM dws.dws_sale_out FINAL GROUP BY io_id"))
        assert shown.keys() == truth.keys()
        assert restored.database.rows("SELECT count(*) FROM plan WHERE state = 'planned' AND origin = 'live'") == [(0,)]
        assert restored.database.rows("SELECT count(*) FROM plan WHERE reason LIKE 'Kafka 换成%%'") == [(0,)]
        again = restored.database.rows("SELECT max(ordinal), max(ticket) FROM plan, credential")
        assert all(after > before for after, before in zip(again[0], numbers[0], strict=True))
    finally:
        restored.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_only_what_is_empty_is_filled_and_a_killed_restore_begins_again(
    house: House, backups: BackupRound, dialect: str
) -> None:
    assert house.watch().reason_to_start() == ""
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.skip(10)
    read_on(house, "loaded")
    backups.save()
    rows = house.rows("SELECT count() FROM dws.dws_sale_out FINAL")
    assert rows != [(0,)]
    house.warehouse.execute("TRUNCATE TABLE dim.dim_shop")

    BackupLog(house.database).clear()
    assert backups.put_back()[1:] == (True, False)
    assert house.rows("SELECT count() FROM dim.dim_shop") == [(0,)]

    BackupLog(house.database).clear()
    BackupLog(house.database).begin_filling()  # and was killed: what ClickHouse holds may be half of it
    assert backups.put_back()[1:] == (True, True)
    assert house.rows("SELECT count() FROM dws.dws_sale_out FINAL") == rows
    assert not BackupLog(house.database).is_filling()
