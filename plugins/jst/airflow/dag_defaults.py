"""What every DAG and every task of ours has in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jst.airflow.retry_policy import BY_ERROR
from jst.clock import SHANGHAI

START = datetime(2026, 1, 1, tzinfo=SHANGHAI)
DAG_DEFAULTS: dict[str, Any] = {"start_date": START, "catchup": False, "max_active_runs": 1}
"""One run at a time: tasks of two runs would pull and load the same plans."""


def task_defaults(pool: str, **more: Any) -> dict[str, Any]:
    """Give a DAG's ``default_args``: owner, pool and retries by the kind of error, and ``more`` as Airflow names it."""
    return {"owner": "data", "pool": pool, "retry_policy": BY_ERROR, **more}
