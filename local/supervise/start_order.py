"""What the stack consists of and in which order it starts; the members of one group start side by side."""

from __future__ import annotations

import sys

from local.layout import Layout, python_environment
from local.services import airflow, clickhouse, kafka, postgres, source
from local.services.process import Service, Step

Group = list[Service | Step]


def has_sandbox() -> bool:
    """Say whether there is a sandbox: it is not started when a connection to a real one is given."""
    return not source.is_own()


def groups(layout: Layout) -> list[Group]:
    # its past takes seconds of one core to write: beside the servers it would hold up all that waits for them
    sandbox: Group = [source.sandbox(layout)] if has_sandbox() else []
    tables: Group = [migrate_control(layout), migrate_warehouse(layout), make_topics(layout)]
    return [
        [postgres.service(layout), kafka.service(layout), clickhouse.service(layout)],
        [*tables, airflow.migrate_database(layout), *sandbox],
        [airflow.api_server(layout)],
        [airflow.import_pools(layout)],
        [*airflow.workers(layout)],
    ]


def migrate_control(layout: Layout) -> Step:
    return Step(
        name="control-db",
        title="控制库表结构（PostgreSQL）",
        argv=[sys.executable, "-m", "jst.control.postgres_migrations"],
        env={**python_environment(), "JST_CONTROL_DSN": postgres.control_dsn(layout)},
        log=layout.log("control-db"),
    )


def migrate_warehouse(layout: Layout) -> Step:
    return Step(
        name="warehouse-db",
        title="数仓表结构（ClickHouse）",
        argv=[sys.executable, "-m", "jst.warehouse.clickhouse_migrations"],
        env={**python_environment(), **clickhouse.environment(layout)},
        log=layout.log("warehouse-db"),
    )


def make_topics(layout: Layout) -> Step:
    """Without its topic a feed gives up at once: only a person makes topics elsewhere."""
    return Step(
        name="topics",
        title="Kafka topic",
        argv=[sys.executable, "-m", "local.services.topics", kafka.bootstrap_servers(layout)],
        env=python_environment(),
        log=layout.log("topics"),
    )
