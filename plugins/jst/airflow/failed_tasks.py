"""A task of ours that failed is an incident until it succeeds, unless what failed is said elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from jst.airflow.connections import control_dsn
from jst.airflow.last_lines import lines_of
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.errors import JstError
from jst.model.module import dag_of, modules_of

log = logging.getLogger(__name__)
KIND = "task_failed"
Write = Callable[[Callable[[Incidents], Any]], None]


def _write(work: Callable[[Incidents], Any]) -> None:
    """Change the incidents; a callback that cannot must not add a second failure to the task's."""
    try:
        with Database(control_dsn(), patience=0.0) as database:
            work(Incidents(database))
    except Exception as error:
        log.warning("任务的成败没有记入控制库：%s", type(error).__name__)


def note_failure(context: Any, write: Write = _write) -> None:
    """Open the incident of a failed task. The live feeds, servers that do not answer and checks have their own."""
    task, error = context["task_instance"], context.get("exception")
    if _is_said_elsewhere(task.dag_id, error):
        return
    what = f"任务失败：{task.dag_id}.{task.task_id}，{(lines_of(error) or ['原因见任务日志'])[0]}"
    do = error.do if isinstance(error, JstError) else "打开红色任务的日志，看最后一句"
    write(lambda incidents: incidents.open(KIND, "", _subject(task), what, do))


def note_success(context: Any, write: Write = _write) -> None:
    """Close it: the task has succeeded."""
    write(lambda incidents: incidents.close(KIND, "", _subject(context["task_instance"])))


def _subject(task: Any) -> str:
    return f"{task.dag_id}.{task.task_id}"


def _is_said_elsewhere(dag_id: str, error: object) -> bool:
    own = {dag_of(module.name) for module in modules_of("live")} | {"jst_checks"}
    return dag_id in own or (isinstance(error, JstError) and bool(error.server))
