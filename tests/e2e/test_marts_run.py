"""jst_marts as Airflow runs it: the watch sees that days wait, the marts are made, the log says how many."""

from __future__ import annotations

import pytest

from jst.warehouse.mart_tables import days_that_differ, mart_names
from tests.support.airflow_command import Airflow
from tests.support.house import House
from tests.support.printed_dags import printed_dags

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def test_a_run_makes_the_marts_of_days_that_wait(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    airflow.put_beside("jst_marts", printed_dags()[1])
    house.warehouse.execute(
        "INSERT INTO dws.dws_sale_out (io_id, line_id, shop_id, sku_id, is_shipped, qty, biz_day, key_time, version)"
        " SELECT toString(number), '1', 101, 'A', 1, 2, today() - number, now(), 1 FROM numbers(3)"
    )
    done = airflow.run("dags", "test", "jst_marts")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    assert "汇总表：本班重算 3 天次" in said, said[-4000:]
    assert house.rows("SELECT count(), toFloat64(sum(out_qty)) FROM dws.dws_shop_hour FINAL") == [(3, 6.0)]
    assert days_that_differ(house.warehouse) == []
    assert airflow.rows("SELECT target_dag_id FROM asset_dag_run_queue") == [("my_hours",)]
    # once a run, however many orders there are
    assert sorted(
        airflow.rows(
            "SELECT name, count(*) FROM asset_event JOIN asset ON asset.id = asset_id"
            " WHERE source_dag_id = 'jst_marts' GROUP BY 1"
        )
    ) == [(name, 1) for name in sorted(["dws_shop_style_week", *mart_names()])]
