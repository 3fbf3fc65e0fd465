"""The sensors of users' DAGs in every kind of run, rendered as a task renders them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.printed_dags import printed_dags

ASKED = datetime(2026, 11, 29, 2, 15, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 28, 16, tzinfo=UTC)


def rendered(sensor: Any, kind: str, interval: tuple[datetime, datetime] | None) -> str:
    """Render the sensor's ``until`` with the context of a run of this kind, as the API server describes it."""
    from airflow.sdk.api.datamodels._generated import TIRunContext
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    start, end = interval or (None, None)
    run = {
        "dag_id": sensor.dag_id, "run_id": "r", "run_type": kind, "state": "running", "logical_date": start,
        "data_interval_start": start, "data_interval_end": end, "run_after": end or ASKED, "start_date": ASKED,
        "end_date": None, "consumed_asset_events": [], "partition_key": None,
    }  # fmt: skip
    task = RuntimeTaskInstance.model_construct(
        id=uuid.uuid4(), task_id=sensor.task_id, dag_id=sensor.dag_id, run_id="r", try_number=1, map_index=-1,
        dag_version_id=uuid.uuid4(), task=sensor, start_date=ASKED, max_tries=0, is_mapped=False,
        _ti_context_from_server=TIRunContext.model_validate({"dag_run": run, "max_tries": 0}),
    )  # fmt: skip
    sensor.render_template_fields(task.get_template_context())
    return str(sensor.until)


def documented() -> Any:
    """Build the DAG that docs/sensors.md prints and return its sensor."""
    names: dict[str, Any] = {}
    exec(printed_dags()[0], names)
    return names["complete"]


def templated() -> Any:
    """Build the sensor that this page printed before."""
    from airflow.sdk import DAG

    from jst.airflow.sensors import CompleteWatermarkSensor

    with DAG("users_own", start_date=MIDNIGHT, schedule=None):
        return CompleteWatermarkSensor(
            task_id="wait", module="sale_out", until="{{ data_interval_end.isoformat() }}", timeout=3600
        )


@pytest.mark.parametrize("sensor", [documented, templated])
@pytest.mark.parametrize(
    ("kind", "interval", "expected"),
    [
        ("scheduled", (MIDNIGHT - timedelta(days=1), MIDNIGHT), MIDNIGHT),
        ("manual", (MIDNIGHT, MIDNIGHT), MIDNIGHT),
        ("manual", None, ASKED),
        ("asset_triggered", None, ASKED),
    ],
    ids=["scheduled", "by_hand", "by_hand_without_logical_date", "by_asset"],
)
def test_a_sensor_waits_for_the_end_of_the_interval_or_for_now(
    dags: dict[str, Any], sensor: Any, kind: str, interval: Any, expected: datetime
) -> None:
    assert datetime.fromisoformat(rendered(sensor(), kind, interval)) == expected
