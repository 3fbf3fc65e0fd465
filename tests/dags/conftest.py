"""Every DAG as Airflow loads it; no test in this layer may touch the network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import disable_socket, enable_socket

from tests.support.no_sockets import no_sockets

__all__ = ["no_sockets"]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def dags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All DAGs by file stem, loaded with no network, no connection and an empty metadata database."""
    home = tmp_path_factory.mktemp("airflow")
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
    )
    from airflow.dag_processing.dagbag import DagBag

    disable_socket(allow_unix_socket=True)
    bag = DagBag(str(ROOT / "dags"))
    enable_socket()
    assert bag.import_errors == {}
    return {Path(dag.fileloc).stem: dag for dag in bag.dags.values()}
