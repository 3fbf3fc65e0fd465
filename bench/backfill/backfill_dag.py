"""DAG jst_backfill through Airflow's REST interface: ask for days, read how their runs go."""

from __future__ import annotations

from datetime import date, datetime

from jst.clock import SHANGHAI
from local.airflow_api import AirflowApi
from local.layout import LocalError

DAG = "jst_backfill"


def start(airflow: AirflowApi, first: date, last: date) -> None:
    """Send what the form sends, shown in Shanghai's time. Raises LocalError when Airflow refuses it."""
    body = {
        "dag_id": DAG,
        "from_date": f"{first}T00:00:00+08:00",
        "to_date": f"{last}T23:59:59.999+08:00",
        "reprocess_behavior": "completed",
        "max_active_runs": 1,
    }
    answer = airflow.request("POST", "backfills", body=body)
    if answer.is_error:
        raise LocalError(f"Airflow 不接受回填：{answer.text[:300]}")


def runs(airflow: AirflowApi) -> dict[str, str]:
    """Return business day → state of its run."""
    return {
        str(datetime.fromisoformat(run["data_interval_start"]).astimezone(SHANGHAI).date()): run["state"]
        for run in airflow.dag_runs(DAG)
        if run["data_interval_start"]
    }
