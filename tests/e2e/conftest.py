"""The same parts as the integration tests, and Airflow: the DAGs must do with them what the tests there do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.airflow_command import Airflow
from tests.support.fixtures import house, sandbox, schema, stores

__all__ = ["house", "sandbox", "schema", "stores"]


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Iterator[Airflow]:
    empty = tmp_path_factory.getbasetemp().parent / f"airflow-{testrun_uid}.db"
    airflow = Airflow(tmp_path_factory.mktemp("airflow"), empty)
    yield airflow
    airflow.close()
