"""What the stack consists of and in which order it starts; the members of one group start side by side."""

from __future__ import annotations

import os

from local.layout import Layout
from local.services import airflow, backups, clickhouse, kafka, monitoring, postgres, source
from local.services.process import Service, Step

Group = list[Service | Step]


def has_sandbox() -> bool:
    """Say whether there is a sandbox: it is not started when a connection to a real one is given."""
    return not source.is_own()


def groups(layout: Layout) -> list[Group]:
    # its past takes seconds of one core to write: beside the servers it would hold up all that waits for them
    sandbox: Group = [source.sandbox(layout)] if has_sandbox() else []
    asked = os.environ.get(backups.ASKED, "")
    restore: list[Group] = [[backups.restore(layout, asked)]] if asked else []
    return [
        [postgres.service(layout), kafka.service(layout), clickhouse.service(layout)],
        *restore,
        [airflow.migrate_database(layout), *sandbox],
        [airflow.prepare(layout), airflow.api_server(layout)],
        [*airflow.workers(layout)],
        *([list[Service | Step](monitoring.services(layout))] if monitoring.is_wanted() else []),
    ]
