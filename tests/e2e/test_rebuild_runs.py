"""jst_rebuild as a person triggers it, and jst_standby where there is one node."""

from __future__ import annotations

import json

import pytest

from jst.flow.live.shift import Limits
from tests.support.airflow_command import Airflow
from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def test_a_rebuild_is_dry_by_default_and_fills_an_empty_table_when_asked(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.watch().reason_to_start()
    began = house.clock.now()
    house.shift().run(Limits(longest=4))
    while house.loader().load_waiting():
        pass
    orders = house.rows("SELECT io_id, version FROM dws.dws_sale_out FINAL ORDER BY ALL")
    assert len(orders) >= 10
    house.warehouse.execute("TRUNCATE TABLE dws.dws_sale_out")
    house.warehouse.execute("TRUNCATE TABLE dwd.dwd_sale_out")

    wish = {"modules": ["sale_out"], "since": f"{began:%Y-%m-%d %H:%M:%S}"}
    dry = airflow.run("dags", "test", "jst_rebuild", "--conf", json.dumps(wish))
    assert dry.returncode == 0, dry.stderr[-3000:]
    assert "试运行 dry_run" in dry.stdout + dry.stderr
    assert house.rows("SELECT count() FROM dwd.dwd_sale_out") == [(0,)]

    done = airflow.run("dags", "test", "jst_rebuild", "--conf", json.dumps(wish | {"dry_run": False}))
    assert done.returncode == 0, done.stderr[-3000:]
    assert house.rows("SELECT io_id, version FROM dws.dws_sale_out FINAL ORDER BY ALL") == orders


def test_a_single_node_needs_no_standby(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    done = airflow.run("dags", "test", "jst_standby")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "serving" in done.stdout + done.stderr
