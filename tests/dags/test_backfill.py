"""``jst_backfill`` as Airflow sees it: its shape, its form, and which days a range of the form means."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.errors import Refused

MODULES = {"sale_out", "after_sale", "inventory", "sku"}


def test_every_module_is_planned_pulled_in_slices_and_certified(dags: dict[str, Any]) -> None:
    dag = dags["jst_backfill"]
    for module in MODULES:
        plan, pull, certify = (dag.get_task(f"{verb}_{module}") for verb in ("plan", "pull", "certify"))
        assert pull.is_mapped
        assert pull.map_index_template == "{{ task.part['name'] }}"
        assert pull.upstream_task_ids == {plan.task_id}
        # a slice that failed must not keep the day from being told unproven, and why
        assert certify.trigger_rule == "all_done"
        assert certify.upstream_task_ids == {pull.task_id}
    # the snapshot is of midnight: it waits neither for the check of the day nor behind a first load
    assert dag.get_task("snapshot_inventory").upstream_task_ids == {"open_day"}
    quick = {"open_day", "wait_night", "snapshot_inventory"}
    assert {task.task_id for task in dag.tasks if task.pool != "backfill"} == quick


def test_the_form_offers_modules_and_a_dry_run(dags: dict[str, Any]) -> None:
    params = dags["jst_backfill"].params
    assert set(params["modules"]) == MODULES
    assert params["dry_run"] is False
    with pytest.raises(ValueError, match="orders"):
        params["modules"] = ["orders"]


def test_a_turn_that_is_far_away_gives_the_worker_back_and_counts_as_no_failure(dags: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import TaskDeferred

    from jst.airflow.operators.backfill import PatientOperator

    class Waiting(PatientOperator):
        def work(self, context: Any) -> None:
            raise Refused("下一个请求名额在 90 秒以后", do="等", after=90)

    with pytest.raises(TaskDeferred) as deferred:
        Waiting(task_id="pull_sale_out").execute({})
    left = deferred.value.trigger.moment - datetime.now(SHANGHAI)
    assert 80 < left.total_seconds() <= 90
    assert hasattr(Waiting, deferred.value.method_name)


def days(dags: dict[str, Any], start: str, end: str) -> list[date]:
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.from_dict(DagSerialization.to_dict(dags["jst_backfill"]))
    infos = stored.iter_dagrun_infos_between(datetime.fromisoformat(start), datetime.fromisoformat(end))
    return [info.data_interval.start.astimezone(SHANGHAI).date() for info in infos if info.data_interval]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-04T00:00:00+08:00", "2026-03-06T00:00:00+08:00"),
        ("2026-03-03T16:00:00Z", "2026-03-06T15:59:59.999Z"),  # the form, shown in Shanghai's time
        ("2026-03-04T00:00:00Z", "2026-03-06T23:59:59.999Z"),  # the form, shown in UTC
        ("2026-03-04T00:00:00Z", "2026-03-06T23:59:00Z"),  # its time field touched
        ("2026-03-04T00:00:00Z", "2026-03-06T00:00:00Z"),
        ("2026-03-03T23:00:00Z", "2026-03-06T22:59:59.999Z"),  # Berlin
        ("2026-03-04T08:00:00Z", "2026-03-07T07:59:59.999Z"),  # Los Angeles
        ("2026-03-04T10:00:00Z", "2026-03-07T09:59:59.999Z"),  # Honolulu
        ("2026-03-03T11:00:00Z", "2026-03-06T10:59:59.999Z"),  # Auckland, summer
        ("2026-03-03T12:00:00Z", "2026-03-06T11:59:00Z"),  # Auckland, winter
        ("2026-03-03T18:30:00Z", "2026-03-06T18:29:59.999Z"),  # Kolkata
        ("2026-03-03T15:00:00Z", "2026-03-06T14:59:59.999Z"),  # Tokyo
    ],
)
def test_a_range_means_business_days_whatever_zone_it_was_picked_in(dags: dict[str, Any], start: str, end: str) -> None:
    assert days(dags, start, end) == [date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-30T07:00:00Z", "2026-11-03T07:59:59.999Z"),  # Los Angeles, over the end of summer time
        ("2026-10-29T16:00:00Z", "2026-11-02T15:59:59.999Z"),  # Shanghai
    ],
)
def test_a_range_over_a_change_of_clocks_is_the_days_that_were_picked(
    dags: dict[str, Any], start: str, end: str
) -> None:
    assert days(dags, start, end) == [date(2026, 10, 30), date(2026, 10, 31), *(date(2026, 11, n) for n in (1, 2))]


def test_a_business_day_is_shanghais_from_midnight_to_midnight(dags: dict[str, Any]) -> None:
    timetable = dags["jst_backfill"].timetable
    from pendulum import datetime as moment

    interval = timetable.infer_manual_data_interval(run_after=moment(2026, 3, 4, 20, tz="UTC"))
    assert interval.start == moment(2026, 3, 4, tz="Asia/Shanghai")
    assert interval.end == moment(2026, 3, 5, tz="Asia/Shanghai")


def test_a_run_is_named_and_labelled_by_its_business_day(dags: dict[str, Any]) -> None:
    """Airflow's grid labels a run with its run_after, in whatever zone the UI shows."""
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import DataInterval
    from airflow.utils.types import DagRunType
    from pendulum import datetime as moment

    stored = DagSerialization.from_dict(DagSerialization.to_dict(dags["jst_backfill"]))
    timetable = stored.timetable
    start, end = moment(2026, 11, 25, tz="Asia/Shanghai"), moment(2026, 11, 27, 23, 59, tz="Asia/Shanghai")
    infos = list(stored.iter_dagrun_infos_between(start, end))
    for zone in ("Asia/Shanghai", "UTC", "Europe/Berlin"):
        assert [info.run_after.in_timezone(zone).day for info in infos] == [25, 26, 27], zone
    assert all(info.data_interval and info.data_interval.end - info.run_after < timedelta(minutes=1) for info in infos)
    made = [
        timetable.generate_run_id(run_type=DagRunType(kind), run_after=info.run_after, data_interval=info.data_interval)
        for kind, info in zip(("backfill", "scheduled"), infos, strict=False)
    ]
    assert made == ["backfill__2026-11-25", "scheduled__2026-11-26"]
    morning = moment(2026, 11, 28, 1, tz="UTC")
    for interval, day in ((None, "2026-11-27"), (DataInterval(start, start.add(days=1)), "2026-11-25")):
        by_hand = timetable.generate_run_id(run_type=DagRunType.MANUAL, run_after=morning, data_interval=interval)
        assert by_hand == f"manual__{day}_2026-11-28T01:00:00+00:00"
    assert timetable.summary == "每个业务日，次日 01:30"


def test_a_run_of_the_version_before_is_about_the_same_day(dags: dict[str, Any]) -> None:
    """Its id and its label say the next day; what it is about stands in its data interval."""
    from jst.airflow.operators.backfill import business_day

    run = SimpleNamespace(
        run_id="backfill__2026-11-25T16:00:00+00:00", run_after=datetime.fromisoformat("2026-11-25T16:00:00+00:00")
    )
    context: Any = {"dag_run": run, "data_interval_start": datetime.fromisoformat("2026-11-24T16:00:00+00:00")}
    assert business_day(context) == date(2026, 11, 25)
