"""The one command before everything else, as an administrator runs it where Airflow's settings and connections are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from jst.control.postgres_migrations import FOLDER
from local.layout import ROOT
from tests.support.airflow_command import Airflow
from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


@pytest.fixture
def fresh(airflow: Airflow, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connections of a new installation: its control database has no tables yet."""
    airflow.connect(house)
    variable = "AIRFLOW_CONN_JST_OPS"
    connection = json.loads(airflow.environment[variable]) | {"extra": {"options": "-csearch_path=fresh"}}
    monkeypatch.setitem(airflow.environment, variable, json.dumps(connection))
    house.database.rows("CREATE SCHEMA fresh")
    yield
    house.database.rows("DROP SCHEMA fresh CASCADE")


@pytest.mark.usefixtures("fresh")
def test_it_makes_what_is_missing_and_names_what_only_a_person_can_give(
    airflow: Airflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = ("-m", "jst.airflow.prepare")
    pools = yaml.safe_load((ROOT / "include/config/pools.yaml").read_text("utf-8"))
    first = airflow.run(*prepare)
    assert first.returncode == 0, first.stderr
    assert [path.name for path in FOLDER.glob("*.sql") if path.name not in first.stdout] == []
    assert f"资源池：{'、'.join('{name} {slots}'.format_map(pool) for pool in pools)}\n" in first.stdout
    assert "! 没有连接 clickhouse_boards：看板没有数据" in first.stdout
    assert "! 没有连接 clickhouse_admin" in first.stdout
    _keep_in_a_secrets_backend(airflow, tmp_path / "connections.json", monkeypatch)
    again = airflow.run(*prepare)
    assert again.returncode == 0, again.stderr
    assert [line for line in again.stdout.splitlines() if line.startswith("✓") and "已是最新" not in line] == []


def _keep_in_a_secrets_backend(airflow: Airflow, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections = airflow.connections()
    file.write_text(json.dumps(connections), "utf-8")
    for name in connections:
        monkeypatch.delitem(airflow.environment, f"AIRFLOW_CONN_{name.upper()}")
    backend = "airflow.secrets.local_filesystem.LocalFilesystemBackend"
    monkeypatch.setitem(airflow.environment, "AIRFLOW__SECRETS__BACKEND", backend)
    kwargs = json.dumps({"connections_file_path": str(file)})
    monkeypatch.setitem(airflow.environment, "AIRFLOW__SECRETS__BACKEND_KWARGS", kwargs)


def test_a_missing_connection_ends_it_with_a_sentence(
    airflow: Airflow, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow.connect(house)
    monkeypatch.delitem(airflow.environment, "AIRFLOW_CONN_KAFKA_DEFAULT")
    lacking = airflow.run("-m", "jst.airflow.prepare")
    assert (lacking.returncode, lacking.stderr.count("✗")) == (1, 1)
    assert "✗ Airflow 里没有连接 kafka_default。处理：" in lacking.stderr
