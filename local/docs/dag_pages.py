"""``docs/dags.md`` and the DAG tables of both READMEs, made of the DAGs and of ``docs/dags.yaml``."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from local.docs.markdown import table
from local.layout import ROOT

PAGE = ROOT / "docs" / "dags.md"
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
LINES = ROOT / "docs" / "dags.yaml"
RUNBOOKS = ROOT / "docs" / "runbooks"
BEGIN, END = "<!-- DAG table: made by `make docs`, change docs/dags.yaml -->", "<!-- end of the DAG table -->"
_COLUMNS = {"en": ("DAG", "when", "what"), "zh": ("DAG", "何时", "做什么")}
_RUNBOOK = re.compile(r"`(?:docs/runbooks/)?([a-z-]+\.md)`")
_MINUTES = re.compile(r"(?:\d+-59|\*)/(\d+) \* \* \* \*")
_AT = re.compile(r"(\d+) (\d+) \* \* \*")
_HOURLY = re.compile(r"(\d+) \* \* \* \*")
_HEAD = (
    "# DAG 一览\n\n"
    "每个 DAG 的排程、任务、资源池与时限。本页由 `dags/*.py` 生成（`make docs`），请不要改本页。"
    "每个文件开头的说明就是值班页面，在 Airflow 里打开 DAG 即可看到："
    "搬什么、多久算晚、变红了先看什么再做什么、能不能清除、怎样重跑过去。\n\n"
    "名称前的数字是看的次序：1 实时流，2 BI 看到的其他东西，3 证明与自愈，4 安装与少用的。"
    "标签：`tier/1` 停了马上要处理，`tier/2` 可以等到上班；`module/…` 是它搬的模块；其余是用途。\n\n"
    "资源池的大小在 `include/config/pools.yaml`。“重试”是最多几次；"
    "要人来改的错误（`jst.errors` 的 `Misconfigured`、`Unproven`）不重试。\n"
)


def load_dags() -> dict[str, Any]:
    """Load every DAG by id, without connections; raises RuntimeError naming the files that do not load."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(
            AIRFLOW_HOME=home,
            AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
            AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
            AIRFLOW__CORE__LOAD_EXAMPLES="False",
            AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
            AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
        )
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(str(ROOT / "dags"))
    if bag.import_errors:
        raise RuntimeError("\n".join(f"{path}: {error}" for path, error in bag.import_errors.items()))
    return {dag.dag_id: dag for dag in bag.dags.values()}


def pages(dags: Mapping[str, Any]) -> dict[Path, str]:
    """Render ``docs/dags.md`` and both READMEs, whose text around the table stays as it is."""
    readmes = {path: _filled(path.read_text("utf-8"), readme_table(dags, tongue)) for tongue, path in READMES.items()}
    return {PAGE: page(dags), **readmes}


def readme_table(dags: Mapping[str, Any], tongue: str) -> str:
    """Format the table of a README; raises KeyError for a DAG without a line in ``docs/dags.yaml``."""
    lines = yaml.safe_load(LINES.read_text("utf-8"))
    if missing := sorted(set(dags) ^ set(lines)):
        raise KeyError(f"docs/dags.yaml and dags/ differ in {', '.join(missing)}: every DAG needs its line in both")
    joint = {"en": ", ", "zh": "，"}[tongue]
    rows = []
    for dag_id, line in lines.items():
        more = line[tongue].get("and")
        when = joint.join(filter(None, (schedule(dags[dag_id], tongue), more)))
        rows.append((f"`{dag_id}`", when, line[tongue]["what"]))
    return table(_COLUMNS[tongue], rows)


def page(dags: Mapping[str, Any]) -> str:
    """Render ``docs/dags.md``, in Chinese, as what it is made of."""
    order = list(yaml.safe_load(LINES.read_text("utf-8")))
    return "\n".join([_HEAD, *(_section(dags[dag_id]) for dag_id in sorted(dags, key=order.index))])


def schedule(dag: Any, tongue: str) -> str:
    """Say in a few words when a DAG runs; raises ValueError for a schedule that has no words yet."""
    kind, expression = type(dag.timetable).__name__, getattr(dag.timetable, "expression", None) or ""
    words = {
        "ContinuousTimetable": ("continuously", "持续运行"),
        "ShiftTimetable": ("continuously", "持续运行"),
        "OnceTimetable": ("once at start", "启动时一次"),
        "NullTimetable": ("by hand", "手动"),
        "BusinessDayTimetable": ("every night at 01:30", "每天 01:30"),
    }
    if kind == "CronTriggerTimetable" and (every := _MINUTES.fullmatch(expression)):
        words[kind] = (f"every {every[1]} minutes", f"每 {every[1]} 分钟")
    if kind == "CronTriggerTimetable" and (at := _AT.fullmatch(expression)):
        clock = f"{at[2]:0>2}:{at[1]:0>2}"
        words[kind] = (f"every day at {clock}", f"每天 {clock}")
    if kind == "CronTriggerTimetable" and (at := _HOURLY.fullmatch(expression)):
        words[kind] = (f"every hour at minute {at[1]}", f"每小时 {at[1]} 分")
    if kind not in words:
        raise ValueError(f"{dag.dag_id}: local/docs/dag_pages.py has no words for its schedule {expression or kind}")
    return words[kind][tongue == "zh"]


def _filled(text: str, inner: str) -> str:
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"a README lacks the lines “{BEGIN}” and “{END}”")
    return f"{before}{BEGIN}\n{inner}\n{END}{after}"


def _section(dag: Any) -> str:
    stem = Path(dag.fileloc).stem
    paused = "；新装时是暂停的" if dag.is_paused_upon_creation else ""
    facts = [
        f"- 排程 schedule：{schedule(dag, 'zh')}{paused}；一次运行最长 {_span(dag.dagrun_timeout)}",
        f"- 标签 tags：{'、'.join(sorted(dag.tags))}",
        f"- 值班页面：[dags/{stem}.py](../dags/{stem}.py)" + _runbooks(dag),
    ]
    if dag.params:
        facts.insert(1, f"- 表单参数 params：{'、'.join(f'`{name}`' for name in dag.params)}")
    columns = ("任务 task", "名称", "在谁之后", "资源池 pool", "时限 timeout", "重试 retries")
    rows = [_task(task) for task in dag.topological_sort()]
    return f"## {dag.dag_display_name}\n\n{dag.description}\n\n" + "\n".join(facts) + f"\n\n{table(columns, rows)}\n"


def _task(task: Any) -> tuple[str, ...]:
    after = "、".join(f"`{name}`" for name in sorted(task.upstream_task_ids)) or "—"
    limit = task.execution_timeout or timedelta(seconds=task.timeout)
    name = f"{task.task_display_name}（每个切片一个）" if task.is_mapped else task.task_display_name
    return f"`{task.task_id}`", name, after, f"`{task.pool}`", _span(limit), str(task.retries)


def _runbooks(dag: Any) -> str:
    named = [name for name in dict.fromkeys(_RUNBOOK.findall(dag.doc_md)) if (RUNBOOKS / name).exists()]
    links = "、".join(f"[{name.removesuffix('.md')}](runbooks/{name})" for name in named)
    return f"；逐步说明：{links}" if links else ""


def _span(length: timedelta) -> str:
    """Say a length of time in its largest whole unit."""
    seconds = round(length.total_seconds())
    for unit, title in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds % unit == 0:
            return f"{seconds // unit} {title}"
    return f"{seconds} 秒"
