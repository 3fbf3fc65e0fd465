"""The shape of a live feed: watch → pull ∥ load, the same for every module."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.live_page import live_page
from jst.airflow.operators.live import LoadShiftOperator, PullShiftOperator
from jst.airflow.retry_policy import OUT_OF_PATIENCE, HoldBack
from jst.airflow.sensors import SourceChangedSensor
from jst.airflow.table_assets import wide_table
from jst.airflow.timetables import ShiftTimetable
from jst.model.module import load_module


def live_feed(module_name: str, *, doc_md: str | None) -> DAG:
    """Build a DAG whose every run is a shift of at most five minutes; the next one is ready before it ends."""
    module = load_module(module_name)
    with DAG(
        dag_id=f"jst_{module.name}",
        dag_display_name=f"1 实时{module.title} jst_{module.name}",
        description=f"{module.title}：源端变更 → Kafka → 宽表，秒级",
        doc_md=live_page(doc_md or ""),
        schedule=ShiftTimetable(),
        dagrun_timeout=timedelta(hours=2),
        tags=["tier/1", f"module/{module.name}", "实时"],
        default_args=task_defaults("live", HoldBack(module.name)),
        **{**DAG_DEFAULTS, "max_active_runs": ShiftTimetable.active_runs_limit},
    ) as dag:
        watch = SourceChangedSensor(
            task_id=f"watch_{module.name}",
            task_display_name=f"等待{module.title}变更",
            module=module.name,
            retries=0,
            execution_timeout=timedelta(hours=1),
        )
        pull = PullShiftOperator(
            task_id=f"pull_{module.name}",
            task_display_name=f"拉取{module.title}到 Kafka",
            module=module.name,
            load_task_id=f"load_{module.name}",
            retries=20,  # for workers that die: what the source or a server refuses fails at once
            retry_policy=OUT_OF_PATIENCE,
            retry_delay=timedelta(seconds=10),
            execution_timeout=timedelta(minutes=20),
        )
        load = LoadShiftOperator(
            task_id=f"load_{module.name}",
            task_display_name=f"装载{module.title}到宽表",
            module=module.name,
            pull_task_id=pull.task_id,
            outlets=wide_table(module.name),
            retries=20,
            retry_delay=timedelta(seconds=5),
            execution_timeout=timedelta(minutes=20),
        )
        watch >> [pull, load]
    return dag
