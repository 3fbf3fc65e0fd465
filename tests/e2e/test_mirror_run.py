"""jst_dimensions as Airflow runs it keeps MySQL's dim_sku, where there is a connection for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.instance import free_ports
from tests.support.airflow_command import Airflow
from tests.support.house import House
from tests.support.mariadb import PASSWORD, USER, MariaDB

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[MariaDB]:
    server = MariaDB(tmp_path / "mariadb", free_ports().erp)
    yield server
    server.stop()


def mirror(airflow: Airflow) -> str:
    done = airflow.run("tasks", "test", "jst_dimensions", "mirror_sku", "2026-01-01")
    return done.stdout + done.stderr


def test_skus_are_written_to_mysql_and_a_dead_mysql_is_named(airflow: Airflow, house: House, mariadb: MariaDB) -> None:
    airflow.connect(house)
    house.warehouse.execute("INSERT INTO dim.dim_sku (sku_id, name, version) VALUES ('A', '连衣裙', 1), ('B', '裤', 1)")
    place = {"host": "127.0.0.1", "port": mariadb.port, "login": USER, "password": PASSWORD, "schema": "dim"}
    airflow.set("dim_mysql", "mysql", **place)
    try:
        said = mirror(airflow)
        rows = mariadb.execute("SELECT sku_id, name FROM dim.dim_sku ORDER BY 1")
        assert rows == [("A", "连衣裙"), ("B", "裤")], said[-3000:]
        mariadb.stop()
        said = mirror(airflow)
        mariadb.start()
    finally:
        airflow.environment.pop("AIRFLOW_CONN_DIM_MYSQL")
    assert "jst.errors.Retry: MySQL" in said, said[-3000:]
    assert "处理：" in said
    assert PASSWORD not in said
