"""What every DAG and every task of ours has in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from jst.airflow.connections import control_dsn
from jst.airflow.failed_tasks import note_failure, note_success
from jst.airflow.last_lines import end_with_the_sentence
from jst.airflow.retry_policy import BY_ERROR
from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.control.postgres_migrations import check_schema

START = datetime(2026, 1, 1, tzinfo=SHANGHAI)
DAG_DEFAULTS: dict[str, Any] = {"start_date": START, "catchup": False, "max_active_runs": 1}
"""One run at a time: tasks of two runs would pull and load the same plans."""


def task_defaults(pool: str, *on_failure: Callable[[Any], None], **more: Any) -> dict[str, Any]:
    """Give a DAG's ``default_args``: owner, pool, no start on older tables, retries by the kind of error, what is done
    ``on_failure``, its incident, a log that ends with its sentence, and ``more`` as Airflow names it."""
    return {
        "owner": "data",
        "pool": pool,
        "pre_execute": on_our_tables,
        "retry_policy": BY_ERROR,
        "on_failure_callback": [*on_failure, note_failure, end_with_the_sentence],
        "on_success_callback": [note_success],
        "on_retry_callback": [end_with_the_sentence],
        **more,
    }


def on_our_tables(context: Any) -> None:
    """Let a task start only where the control database is as new as this program. Raises Misconfigured."""
    with Database(control_dsn()) as database:
        check_schema(database)
