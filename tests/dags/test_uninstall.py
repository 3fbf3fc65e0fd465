"""What the uninstall command prints names all that this version makes."""

from __future__ import annotations

import re
from typing import Any

from jst.backup.warehouse_dump import DATABASES
from jst.kafka.topics import wanted_topics


def test_every_dag_topic_and_database_is_named(dags: dict[str, Any]) -> None:
    from jst.airflow import uninstall

    assert set(uninstall._dag_ids()) == {dag.dag_id for dag in dags.values()}
    assert [line.split()[-1] for line in uninstall.of_kafka()] == list(wanted_topics())
    dropped = re.findall(r"DROP DATABASE IF EXISTS (\w+) SYNC;", "\n".join(uninstall.of_clickhouse()))
    assert dropped == ["bi", *DATABASES]
    assert uninstall.main(["postgres"]) == 2
