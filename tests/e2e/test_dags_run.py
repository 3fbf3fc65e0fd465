"""The DAGs as Airflow runs them (``airflow dags test``), against real servers and the sandbox ERP."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from jst.control.certificate_log import CertificateLog
from jst.flow.backfill.business_day import OPENS_AFTER
from jst.flow.live.shift import Limits
from jst.workbook.shops import read_workbook
from local.layout import SANDBOX_WORKBOOK
from tests.support.airflow_command import Airflow
from tests.support.house import House
from tests.support.letter_redrive import mend
from tests.support.live_beside import MODULES, ago, follow, living, put
from tests.support.planted_orders import order, plant, pull, shown
from tests.support.printed_dags import printed_dags

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def test_schema_and_dimensions_run_green_and_label_what_was_loaded(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    assert house.watch().reason_to_start() == ""
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.shift(run_id="busy").run(Limits(longest=6))
    house.freeze()
    house.shift(run_id="drain").run(Limits(longest=30, quiet=4))
    for module in ("sale_out", "sku"):
        house.first_load(module)
    # jst_sale_out needs pull and load side by side; this command runs one task after the other.
    for dag_id in ("jst_schema", "jst_dimensions"):
        done = airflow.run("dags", "test", dag_id)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    names = {row["sku_id"]: row["name"] for row in house.sandbox.truth("sku")}
    assert dict(house.rows("SELECT sku_id, name FROM dim.dim_sku FINAL")) == names
    assert house.rows("SELECT count() FROM dim.dim_shop FINAL") == [(len(read_workbook(SANDBOX_WORKBOOK).shops),)]
    orders = {row["io_id"] for row in house.sandbox.truth("sale_out")}
    assert len(orders) > 20
    assert {io_id for (io_id,) in house.rows("SELECT DISTINCT io_id FROM dws.dws_sale_out FINAL")} == orders
    assert house.rows("SELECT count() FROM dws.dws_sale_out FINAL WHERE platform = ''") == [(0,)]


def test_another_app_key_is_taken_over_by_hand_and_only_so(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    house.database.rows(
        "INSERT INTO source (app_key, dialect, host) VALUES ('merchant-app-0001', 'gateway', 'erp.example.com')"
    )
    task = ("tasks", "test", "jst_schema", "check_source")
    refused = airflow.run(*task)
    assert "参数“接管来源 take_over”填“x_app”" in refused.stdout + refused.stderr
    assert house.database.rows("SELECT app_key FROM source") == [("merchant-app-0001",)]
    taken = airflow.run(*task, "--task-params", json.dumps({"take_over": " x_app "}))
    assert "已接管：app_key …p-0001（gateway，erp.example.com） → app_key …x_app" in taken.stdout + taken.stderr
    assert house.database.rows("SELECT app_key FROM source") == [("sandbox_app",)]


def test_a_round_of_reconciliation_brings_what_live_has_missed(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    house.sandbox.post("orders_per_hour", {"value": 0})
    follow(house)
    for module in MODULES:
        house.first_load(module)
    put(house, "sale_out", "1001", ago(house, minutes=20))
    with living(house):
        done = airflow.run("dags", "test", "jst_reconcile")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "对账 sale_out：比较" in done.stdout + done.stderr
    assert house.rows("SELECT count() FROM dws.dws_sale_out FINAL WHERE io_id = '1001'") == [(1,)]


def test_dead_letters_are_listed_and_redriven_by_hand(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    window = plant(house, order("good"), order("bad", items="?"))
    pull(house, window)
    assert shown(house) == {"good"}
    mend(house, window, "bad")

    def by_hand(**params: Any) -> str:
        done = airflow.run("dags", "test", "jst_dead_letters", "--conf", json.dumps(params))
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    assert "死信 sale_out bad_lines：待重投 1 条" in by_hand(action="list", module="sale_out")
    assert "按主键重读 1 个" in by_hand(action="redrive", since="2026-01-01T00:00:00+08:00")  # dry_run is the default
    assert shown(house) == {"good"}
    assert "死信合计：待重投 0 条，已搁置 0 条" in by_hand(action="redrive", dry_run=False)
    assert shown(house) == {"good", "bad"}


def test_a_backfill_pulls_its_slices_and_certifies_the_day(airflow: Airflow, house: House) -> None:
    today = house.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if house.clock.now() < today + OPENS_AFTER:
        pytest.skip("yesterday is not checked before 01:30 Asia/Shanghai: jst_backfill would wait until then")
    airflow.connect(house)
    house.first_load("inventory")
    house.worker("inventory").catch_up()
    stock = house.rows("SELECT sku_id, qty FROM dws.dws_inventory FINAL ORDER BY sku_id")
    day = today.date() - timedelta(days=1)
    conf = json.dumps({"modules": ["after_sale"]})
    airflow.put_beside("jst_backfill", printed_dags()[2].replace("certified_sale_out", "certified_after_sale"))
    done = airflow.run("dags", "test", "jst_backfill", today.isoformat(), "--conf", conf)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    (issued,) = CertificateLog(house.database).of_day(day)
    assert (issued.certificate.module, issued.certificate.state) == ("after_sale", "proven")
    assert airflow.rows("SELECT target_dag_id, partition_key FROM asset_partition_dag_run") == [("my_day", f"{day}")]
    again = airflow.run("dags", "test", "jst_backfill", today.isoformat(), "--conf", json.dumps({"dry_run": True}))
    said = again.stdout + again.stderr
    assert f"这一天已有证书：{day} after_sale 已证明" in said
    assert f"业务日 {day}（北京时间 00:00–24:00）" in said
    assert re.search(
        rf"试运行，业务日 {day}：\d+ 个切片，约 \d+ 次请求；按当前额度(不到 1|约 \d+) 分钟（另加启动约 1 分钟", said
    )
    assert CertificateLog(house.database).of_day(day) == [issued]
    kept = house.rows(f"SELECT sku_id, qty FROM dws.dws_inventory_day FINAL WHERE day = '{day}' ORDER BY sku_id")
    assert kept == stock


def test_a_wrong_secret_is_one_red_task_with_one_clear_sentence(airflow: Airflow, house: House) -> None:
    airflow.connect(house, secret="not-the-secret-0123456789abcdef0123")
    done = airflow.run("dags", "test", "jst_sale_out")
    said = done.stdout + done.stderr
    assert "app_secret" in said
    assert "处理：" in said
    assert "not-the-secret" not in said
    hold = house.holds.hold("sale_out", "the next run")
    assert hold is not None
    assert hold[1] > 200


def test_a_red_log_ends_with_what_to_do(airflow: Airflow, house: House) -> None:
    airflow.connect(house, secret="not-the-secret-0123456789abcdef0123")
    follow_up = airflow.run("dags", "test", "jst_dimensions")
    said = [line for line in follow_up.stdout.splitlines() if "last_lines" in line]
    assert "app_secret" in said[-1]
    assert "处理：" in said[-1]
    traceback = follow_up.stdout.rindex("Traceback (most recent call last)")
    assert follow_up.stdout.rindex(said[-1]) > traceback


def test_no_secret_is_in_a_log_nor_in_what_airflow_stores(airflow: Airflow, house: House) -> None:
    """XComs, rendered fields, triggers and serialized DAGs lie in the metadata database."""
    airflow.connect(house)
    if not airflow.rows("SELECT 1 FROM task_instance"):
        airflow.run("dags", "test", "jst_schema").check_returncode()
    known = {name: fields["password"] for name, fields in airflow.connections().items() if fields.get("password")}
    assert {"jst_ops", "clickhouse_default", "jushuitan_default"} <= known.keys()
    written = airflow.written()
    assert any(b"jst_s" in content for path, content in written.items() if path.endswith("airflow.db"))
    assert [path for path, content in written.items() for secret in known.values() if secret.encode() in content] == []
