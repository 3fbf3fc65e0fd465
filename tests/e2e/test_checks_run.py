"""jst_checks as Airflow runs it: green on good data, red with what to do while something bad stands."""

from __future__ import annotations

import pytest

from jst.control.incidents import Incidents
from jst.model.check_facts import load_checks
from tests.support.airflow_command import Airflow
from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def test_checks_are_green_until_something_bad_stands(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    house.warehouse.execute("TRUNCATE TABLE ops.check_result")
    house.warehouse.execute(
        "INSERT INTO dws.dws_after_sale (as_id, line_id, status, key_time, version) VALUES ('1', '1', '未知', now(), 1)"
    )
    house.warehouse.execute("INSERT INTO dwd.dwd_after_sale (as_id, key_time, version) VALUES ('1', now(), 1)")
    done = airflow.run("dags", "test", "jst_checks")
    said = done.stdout + done.stderr
    assert "Unproven" not in said, said[-3000:]
    assert house.rows("SELECT count() FROM ops.check_result") == [(len(load_checks()),)]
    house.warehouse.execute(
        "INSERT INTO dws.dws_after_sale (as_id, line_id, status, key_time, version)"
        " VALUES ('1', '1', '未知', now() - 40 * 86400, 1)"
    )
    done = airflow.run("dags", "test", "jst_checks")
    said = done.stdout + done.stderr
    assert "宽表里有重复的单据：1 单（after_sale 1）" in said
    assert "处理：宽表里有重复的单据：同一单有两个 key_time" in said
    (standing,) = [each for each in Incidents(house.database).standing() if each.kind == "check"]
    assert standing.subject == "duplicate"
