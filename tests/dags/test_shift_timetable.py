"""Runs of a live feed as Airflow's scheduler makes them: the next one is there while one reads."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("dag_id", ["jst_sale_out", "jst_inventory", "jst_after_sale"])
def test_two_runs_are_due_at_once_and_are_not_one(dags: dict[str, Any], dag_id: str) -> None:
    import pendulum
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import TimeRestriction

    dag = DagSerialization.from_dict(DagSerialization.to_dict(dags[dag_id]))
    restriction = TimeRestriction(pendulum.datetime(2026, 1, 1), None, catchup=False)
    first = dag.timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    assert first is not None
    second = dag.timetable.next_dagrun_info(last_automated_data_interval=first.data_interval, restriction=restriction)
    assert second is not None
    assert first.run_after < second.run_after <= pendulum.now("UTC")
    assert first.logical_date != second.logical_date
    assert dag.max_active_runs == dag.timetable.active_runs_limit == 2
