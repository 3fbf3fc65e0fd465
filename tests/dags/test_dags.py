"""Every DAG file, as Airflow sees it: it loads alone, explains itself, and can be trusted at night."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from jst.errors import Misconfigured, Retry, Unproven
from jst.model.module import modules_of

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
HEADINGS = ["搬什么", "多久算晚", "变红了：先看什么，再做什么", "能清除吗", "重跑过去"]


def test_each_file_is_one_dag_of_its_name(dags: dict[str, Any]) -> None:
    assert len(FILES) > 0
    assert {stem: dag.dag_id for stem, dag in dags.items()} == {path.stem: path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_explains_itself(dags: dict[str, Any], path: Path) -> None:
    dag = dags[path.stem]
    assert [line[3:] for line in dag.doc_md.splitlines() if line.startswith("## ")] == HEADINGS
    assert re.match(r"[1-4] .+ ", dag.dag_display_name)  # Airflow's list is in this order: the feeds come first
    live = {f"jst_{module.name}" for module in modules_of("live")}
    assert dag.dag_display_name.startswith("1 实时") == (dag.dag_id in live)
    assert any(tag.startswith("tier/") for tag in dag.tags)
    assert dag.max_active_runs == (2 if dag.dag_id in live else 1)  # of a feed, one run reads and the next one waits
    assert dag.dagrun_timeout is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_task_can_be_trusted_at_night(dags: dict[str, Any], path: Path) -> None:
    pools = {pool["name"] for pool in yaml.safe_load((ROOT / "include/config/pools.yaml").read_text("utf-8"))}
    for task in dags[path.stem].tasks:
        verb, _, thing = task.task_id.partition("_")
        assert verb, thing
        assert task.task_display_name != task.task_id
        assert task.pool in pools
        assert task.owner == "data"
        assert task.retry_policy is not None
        assert task.execution_timeout is not None or task.start_from_trigger


@pytest.mark.parametrize("module", [module.name for module in modules_of("live")])
def test_a_dozen_lost_workers_end_no_shift_and_what_pull_has_waited_for_ends_it_at_once(
    dags: dict[str, Any], module: str
) -> None:
    from airflow.models.taskinstance import TaskInstance
    from airflow.sdk.definitions.retry_policy import RetryAction

    for verb in ("pull", "load"):
        task = dags[f"jst_{module}"].get_task(f"{verb}_{module}")
        lost: Any = SimpleNamespace(state="running", task=task, try_number=12, max_tries=task.retries)
        assert TaskInstance.is_eligible_to_retry(lost), f"{task.task_id}: the scheduler gives it up"
    policy = dags[f"jst_{module}"].get_task(f"pull_{module}").retry_policy
    for hopeless in (Retry("聚水潭没有答复", do="等"), Misconfigured("密钥不对", do="改"), Unproven("不一致", do="看")):
        assert policy.evaluate(hopeless, 1, 20).action is RetryAction.FAIL


def test_every_task_asks_first_whether_the_tables_are_those_of_the_program(dags: dict[str, Any]) -> None:
    asked = {task.dag_id for dag in dags.values() for task in dag.tasks if task_begins(task) is None}
    assert asked == {"jst_schema"}  # which makes them so


def task_begins(task: Any) -> Any:
    return (task.unmap({"part": {}}) if task.is_mapped else task)._pre_execute_hook


def test_dags_survive_serialization(dags: dict[str, Any]) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in dags.values():
        again = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
        assert set(again.task_ids) == set(dag.task_ids)


def test_a_cleared_watch_starts_in_the_triggerer_again(dags: dict[str, Any]) -> None:
    watch = dags["jst_sale_out"].get_task("watch_sale_out")
    assert watch.start_from_trigger
    kwargs = watch.start_trigger_args.trigger_kwargs
    assert kwargs["run_id"] == "{{ run_id }}"
    assert "run_id" in watch.template_fields


def triggers() -> list[Any]:
    from jst.airflow.push_trigger import DayFinishedTrigger
    from jst.airflow.triggers import CompleteWatermarkTrigger, FiguresTrigger, MartDaysTrigger, SourceChangedTrigger

    return [
        SourceChangedTrigger("sale_out", "jst_sale_out", "run-1", 60.0),
        CompleteWatermarkTrigger("sale_out", "2026-01-02T00:00:00+08:00", 5.0),
        MartDaysTrigger("run-1", 60.0),
        FiguresTrigger(60.0),
        DayFinishedTrigger("daily", "2026-11-30"),
    ]


@pytest.mark.parametrize(
    "number", [0, 1, 2, 3, 4], ids=["source_changed", "complete_watermark", "mart_days", "figures", "day_finished"]
)
def test_a_trigger_survives_the_trip_to_the_triggerer(dags: dict[str, Any], number: int) -> None:
    trigger = triggers()[number]
    path, kwargs = trigger.serialize()
    assert set(kwargs) == set(inspect.signature(type(trigger)).parameters)
    module, _, name = path.rpartition(".")
    again = getattr(importlib.import_module(module), name)
    assert again(**json.loads(json.dumps(kwargs))).serialize() == (path, kwargs)


def test_hooks_and_operators_need_no_connection_to_exist(dags: dict[str, Any]) -> None:
    from jst.airflow.hooks import JushuitanHook, parts_from_connections

    assert JushuitanHook().jushuitan_conn_id == "jushuitan_default"
    parts_from_connections().close()


def test_a_missing_connection_is_named(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    from jst.airflow.hooks import JushuitanHook
    from jst.errors import Misconfigured

    def none(conn_id: str) -> Any:
        raise AirflowNotFoundException(conn_id)

    monkeypatch.setattr(BaseHook, "get_connection", staticmethod(none))
    with pytest.raises(Misconfigured, match="jushuitan_default") as caught:
        JushuitanHook().settings()
    assert "AIRFLOW_CONN_JUSHUITAN_DEFAULT" in str(caught.value)


def test_only_one_folder_knows_airflow() -> None:
    for path in (ROOT / "plugins" / "jst").rglob("*.py"):
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            )
        }
        if "airflow" in imported or "airflow_clickhouse_plugin" in imported:
            assert "airflow" in path.relative_to(ROOT / "plugins" / "jst").parts, path


def test_a_module_has_one_name_everywhere() -> None:
    from jst.model.module import load_module, module_names
    from jst.warehouse.sql import has_statement

    for name in module_names():
        module = load_module(name)
        assert module.topic == f"ods.{name}"
        assert has_statement(name, "load")
        assert has_statement(name, "widen")
        assert has_statement(name, "certify") == bool(module.backfill)
    assert {path.stem for path in FILES} >= {"jst_sale_out", "jst_dimensions", "jst_schema"}
