"""Sensors for our DAGs and for those of users: both wait in the triggerer and take no worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.timezone import coerce_datetime
from airflow.triggers.base import StartTriggerArgs

from jst.airflow.triggers import CompleteWatermarkTrigger, MartDaysTrigger, SourceChangedTrigger
from jst.errors import Misconfigured

if TYPE_CHECKING:
    from airflow.sdk import Context


class SourceChangedSensor(BaseSensorOperator):
    """Wait until the module has something new at the source; it starts and ends in the triggerer.

    ``longest``: after so much quiet the sensor is skipped, and with it the rest of the run.
    """

    template_fields = ("run_id",)

    def __init__(self, *, module: str, longest: timedelta = timedelta(minutes=30), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module, self.longest, self.run_id = module, longest.total_seconds(), "{{ run_id }}"
        self.start_from_trigger = True
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="jst.airflow.triggers.SourceChangedTrigger",
            trigger_kwargs={
                "module": module,
                "dag_id": self.dag_id,
                "run_id": self.run_id,
                "longest": self.longest,
            },
            next_method="ended",
        )

    def execute(self, context: Context) -> None:
        self.defer(
            trigger=SourceChangedTrigger(self.module, self.dag_id, context["run_id"], self.longest), method_name="ended"
        )

    def ended(self, context: Context, event: Any = None) -> None:
        """Only ``airflow dags test`` comes here, with the trigger's state; elsewhere the trigger ends the task."""
        if event == "failed":
            raise AirflowFailException("等待变更失败，原因见上面的日志")
        if event == "skipped":
            raise AirflowSkipException("源端一直没有变更")


class MartDaysSensor(BaseSensorOperator):
    """Wait until the marts of some day are to be refreshed; it starts and ends in the triggerer.

    ``longest``: after so much quiet the sensor is skipped, and with it the rest of the run.
    """

    template_fields = ("run_id",)

    def __init__(self, *, longest: timedelta = timedelta(minutes=30), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest, self.run_id = longest.total_seconds(), "{{ run_id }}"
        self.start_from_trigger = True
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="jst.airflow.triggers.MartDaysTrigger",
            trigger_kwargs={"run_id": self.run_id, "longest": self.longest},
            next_method="ended",
        )

    def execute(self, context: Context) -> None:
        self.defer(trigger=MartDaysTrigger(context["run_id"], self.longest), method_name="ended")

    def ended(self, context: Context, event: Any = None) -> None:
        """Only ``airflow dags test`` comes here, with the trigger's state; elsewhere the trigger ends the task."""
        if event == "skipped":
            raise AirflowSkipException("宽表一直没有变化")


class CompleteWatermarkSensor(BaseSensorOperator):
    """Wait until every window of ``module`` up to ``until`` is proven.

    ``until``: ISO time with zone, or a template that gives one; by default the end of the run's data interval. A run
    without one, as a run by hand without a logical date is, stands for the moment it was asked for.
    """

    template_fields = ("until",)

    def __init__(self, *, module: str, until: str = "{{ data_interval_end.isoformat() }}", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module, self.until = module, until

    def render_template_fields(self, context: Context, jinja_env: Any = None) -> None:
        """Render ``until``; templates that were written for scheduled runs hold in a run without an interval, too."""
        known = context.copy()
        if known.get("data_interval_end") is None:
            known["data_interval_end"] = coerce_datetime(context["dag_run"].run_after)
        super().render_template_fields(known, jinja_env)

    def execute(self, context: Context) -> None:
        if datetime.fromisoformat(self.until).tzinfo is None:
            raise Misconfigured(f"until={self.until} 没有时区", do="写成 2026-01-02T00:00:00+08:00 这样的时间")
        self.defer(
            trigger=CompleteWatermarkTrigger(self.module, self.until, max(1.0, float(self.poke_interval) / 12)),
            method_name="ended",
            timeout=timedelta(seconds=float(self.timeout)),
        )

    def ended(self, context: Context, event: dict[str, str]) -> str:
        return event["complete"]
