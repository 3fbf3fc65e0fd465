"""Kafka's records loaded again: into an empty warehouse, after a changed rule, killed in the middle."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

import jst.flow.replay.kafka_replay
import jst.warehouse.sql
from jst.control.replay_progress import ReplayLog
from jst.errors import Misconfigured
from jst.flow.live.shift import Limits
from jst.flow.replay.kafka_replay import KafkaReplay
from jst.kafka.retained import retained
from tests.support.against_the_source import TO_THE_END
from tests.support.house import House
from tests.support.kafka_records import carry, lying
from tests.support.sandbox import Sandbox
from tests.support.stores import empty_stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
ROOT = Path(__file__).parents[3]
TABLES = ("dwd.dwd_sale_out", "dws.dws_sale_out", "dwd.dwd_after_sale", "dws.dws_after_sale", "dwd.dwd_refund_seen")


@pytest.fixture(scope="module")
def shop(
    schema: None, postgres_dsn: str, kafka_bootstrap: str, clickhouse: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:  # fmt: skip
    """A shop that lived for some seconds, its orders changed several times; everything loaded. No test changes it."""
    sandbox = Sandbox(
        tmp_path_factory.mktemp("erp"), "--skus", "200", "--history-days", "2", "--history-per-hour", "20"
    )
    house = House(postgres_dsn, kafka_bootstrap, clickhouse, sandbox)
    empty_stores(postgres_dsn, house.warehouse)
    for module in ("sale_out", "after_sale"):
        forget(house, module)
    sandbox.post("orders_per_hour", {"value": 50000})
    house.watch().reason_to_start()
    house.shift().run(Limits(longest=5))
    house.freeze()
    for module in ("sale_out", "after_sale"):
        house.first_load(module)
    house.shift(run_id="drain").run(TO_THE_END)
    while house.loader().load_waiting():
        pass
    yield house
    house.close()
    sandbox.close()


@pytest.fixture
def loaded(shop: House) -> Iterator[House]:
    """The shop, and afterwards the tables as they were."""
    before = state(shop)
    shop.database.rows("TRUNCATE rebuild")
    yield shop
    if state(shop) != before:
        empty(shop)
        for module in ("sale_out", "after_sale"):
            again(shop, module, "restore").run(None, None)


def forget(house: House, module: str, *, but: int = 0) -> None:
    """Kafka's retention takes all of a module's records, ``but`` the last ones of each partition."""
    ends = retained(house.kafka, f"ods.{module}", None, None).offsets
    cut = [TopicPartition(f"ods.{module}", p, end - but) for p, (first, end) in ends.items() if first < end]
    admin = AdminClient({**house.kafka})
    for deleted in (admin.delete_records(cut) if cut else {}).values():
        deleted.result(20)


def again(house: House, module: str = "sale_out", run_id: str = "rebuild-1") -> KafkaReplay:
    return house.kafka_replay(module, run_id)


def state(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every column of every visible row, versions and times of reading included."""
    return {table: house.rows(f"SELECT * FROM {table} FINAL ORDER BY ALL") for table in TABLES}


def empty(house: House) -> None:
    for table in (*TABLES, "ods.sale_out", "ods.after_sale"):
        house.warehouse.execute(f"TRUNCATE TABLE {table}")


def control(house: House) -> list[tuple[Any, ...]]:
    return house.database.rows("SELECT plan_id, state, attempt, proven_at FROM plan ORDER BY plan_id") + (
        house.database.rows("SELECT module, kind, value, reason FROM watermark ORDER BY module, kind")
    )


def test_an_empty_warehouse_is_filled_from_kafka_alone(loaded: House) -> None:
    before, remembered = state(loaded), control(loaded)
    assert len(before["dws.dws_sale_out"]) > 100
    assert len(before["dwd.dwd_refund_seen"]) > 0
    empty(loaded)
    loaded.sandbox.stop()  # nobody may ask the source
    for module in ("sale_out", "after_sale"):
        counts = again(loaded, module).run(None, None)
        assert counts["records"] > 0
    after = state(loaded)
    loaded.sandbox.start()
    for table in TABLES:
        assert after[table] == before[table], table
    assert control(loaded) == remembered


@pytest.fixture
def changed_rule(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From now on a province is written with its word behind it."""
    folder = tmp_path / "sql"
    shutil.copytree(jst.warehouse.sql.FOLDER, folder)
    rule = folder / "modules" / "sale_out" / "load.sql"
    text = rule.read_text("utf-8")
    province = "tupleElement(r, 'receiver_state')"
    assert text.count(province) == 1
    rule.write_text(text.replace(province, f"concat({province}, '省')"), "utf-8")
    monkeypatch.setattr(jst.warehouse.sql, "FOLDER", folder)


def test_a_changed_rule_reaches_every_row_and_nothing_else_changes(loaded: House, changed_rule: None) -> None:
    columns = "* EXCEPT (receiver_state)"
    before = loaded.rows(f"SELECT {columns} FROM dws.dws_sale_out FINAL ORDER BY ALL")
    provinces = loaded.rows(
        "SELECT io_id, line_id, concat(receiver_state, '省') FROM dws.dws_sale_out FINAL ORDER BY ALL"
    )
    again(loaded).run(None, None)
    assert loaded.rows(f"SELECT {columns} FROM dws.dws_sale_out FINAL ORDER BY ALL") == before
    assert loaded.rows("SELECT io_id, line_id, receiver_state FROM dws.dws_sale_out FINAL ORDER BY ALL") == provinces


def test_a_killed_replay_goes_on_and_a_finished_one_may_be_cleared(
    loaded: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(loaded)
    empty(loaded)
    kill_in_the_middle(loaded, "rebuild-1")
    standing = ReplayLog(loaded.database).standing("rebuild-1", "sale_out")
    assert standing is not None
    assert 0 < standing.done < standing.records
    caplog.set_level(logging.INFO)
    assert again(loaded).run(None, None)["records"] == standing.records
    assert f"接着上次重放 sale_out：已完成 {standing.done}/{standing.records} 条" in caplog.text
    assert state(loaded)["dws.dws_sale_out"] == before["dws.dws_sale_out"]
    assert again(loaded).run(None, None)["records"] == standing.records
    assert "再做一遍" in caplog.text
    assert state(loaded)["dws.dws_sale_out"] == before["dws.dws_sale_out"]


def kill_in_the_middle(house: House, run_id: str) -> None:
    """A replay in small chunks, ``kill -9`` when some of it is done."""
    address = {name: house.address[name] for name in ("host", "port", "user", "password")}
    command = [sys.executable, "-m", "tests.support.rebuild_process", run_id]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT}"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, env=environment)
    assert process.stdin is not None
    process.stdin.write(json.dumps({"dsn": house.dsn, "kafka": house.kafka, "clickhouse": address}))
    process.stdin.close()
    rebuilds = ReplayLog(house.database)

    def begun() -> bool:
        standing = rebuilds.standing(run_id, "sale_out")
        return standing is not None and standing.done > 0

    Retrying(retry=retry_if_result(lambda done: not done), wait=wait_fixed(0.02), stop=stop_after_delay(60))(begun)
    process.kill()
    process.wait()


def test_live_gets_its_turn_between_two_chunks(loaded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loader that waits for the lock comes before the replay's next chunk."""
    monkeypatch.setattr(jst.flow.replay.kafka_replay, "RECORDS_AT_ONCE", 300)
    monkeypatch.setattr(loaded.clock, "waits", True)
    other = loaded.beside()
    other.wait_really()
    replay = again(loaded)
    replaying = Thread(target=replay.run, args=(None, None))
    turns: list[float] = []
    replaying.start()
    while replaying.is_alive() and len(turns) < 3:
        before = other.clock.monotonic()
        with other.load_lock.hold("sale_out"):
            pass
        turns.append(other.clock.monotonic() - before)
    replaying.join()
    other.close()
    assert len(turns) == 3
    assert max(turns) < 5
    standing = ReplayLog(loaded.database).standing("rebuild-1", "sale_out")
    assert standing is not None
    assert not standing.left


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(loaded: House) -> None:
    before, remembered = state(loaded), control(loaded)
    said = "\n".join(again(loaded).describe(None, None))
    rows = len(lying(loaded.kafka, "ods.sale_out"))
    assert f"共 {rows:,} 条" in said
    assert "ods.sale_out" in said
    assert "partition 2：offset" in said
    assert "分钟" in said
    assert (state(loaded), control(loaded)) == (before, remembered)
    assert ReplayLog(loaded.database).standing("rebuild-1", "sale_out") is None


def test_a_range_of_time_is_replayed_alone(loaded: House) -> None:
    ((middle,),) = loaded.rows("SELECT quantileExact(0.5)(produced_at) FROM ods.sale_out FINAL")
    whole = retained(loaded.kafka, "ods.sale_out", None, None).offsets
    late = retained(loaded.kafka, "ods.sale_out", middle, None)
    early = retained(loaded.kafka, "ods.sale_out", None, middle)
    assert {p: (early.offsets[p][0], late.offsets[p][1]) for p in whole} == whole
    assert {p: end for p, (_, end) in early.offsets.items()} == {p: first for p, (first, _) in late.offsets.items()}
    assert not late.gone
    stamp = round(middle.timestamp() * 1000)
    keys = {
        key
        for (key,) in loaded.rows(
            f"SELECT DISTINCT key FROM ods.sale_out WHERE toUnixTimestamp64Milli(produced_at) >= {stamp}"
        )
    }
    empty(loaded)
    again(loaded).run(middle, None)
    assert {key for (key,) in loaded.rows("SELECT io_id FROM dwd.dwd_sale_out FINAL")} == keys


def test_a_range_whose_beginning_kafka_has_lost_is_refused_by_name(loaded: House) -> None:
    start = loaded.clock.now() - timedelta(hours=1)
    carry(loaded.producer, "ods.warehouse", "plan-1", range(30))
    forget(loaded, "warehouse", but=1)
    said = "\n".join(again(loaded, "warehouse").describe(start, None))
    assert "注意：Kafka topic ods.warehouse 里这段时间的开头已经过期" in said
    with pytest.raises(Misconfigured, match=r"开头已经过期（保留 7 天）：只剩 .*把起点改晚，或把起点留空"):
        again(loaded, "warehouse").run(start, None)
    assert ReplayLog(loaded.database).standing("rebuild-1", "warehouse") is None
    assert "共 3 条" in "\n".join(again(loaded, "warehouse").describe(None, None))
    forget(loaded, "warehouse")
