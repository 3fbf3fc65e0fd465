"""A task of ours that failed is an incident until it succeeds, unless what failed is said elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jst.airflow.connections import control_dsn
from jst.airflow.last_lines import lines_of
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.control.troubles import Troubles
from jst.errors import JstError, Misconfigured, Retry
from jst.model.module import dag_of, modules_of

log = logging.getLogger(__name__)
KIND = "task_failed"


@dataclass(frozen=True, slots=True)
class Known:
    """What the control database says is wrong."""

    incidents: Incidents
    troubles: Troubles


Write = Callable[[Callable[[Known], Any]], None]


def _write(work: Callable[[Known], Any]) -> None:
    """Change the incidents; a callback that cannot must not add a second failure to the task's."""
    try:
        with Database(control_dsn(), patience=0.0) as database:
            work(Known(Incidents(database), Troubles(database)))
    except Exception as error:
        log.warning("任务的成败没有记入控制库：%s", type(error).__name__)


def note_failure(context: Any, write: Write = _write) -> None:
    """Open the incident of a failed task, unless another says it."""
    task, error = context["task_instance"], context.get("exception")
    what = f"任务失败：{task.dag_id}.{task.task_id}，{(lines_of(error) or ['原因见任务日志'])[0]}"
    do = error.do if isinstance(error, JstError) else "打开红色任务的日志，看最后一句"

    def work(known: Known) -> None:
        if not _is_said_elsewhere(task.dag_id, error, known.troubles):
            known.incidents.open(KIND, "", _subject(task), what, do)

    write(work)


def note_success(context: Any, write: Write = _write) -> None:
    """Close it: the task has succeeded."""
    write(lambda known: known.incidents.close(KIND, "", _subject(context["task_instance"])))


def _subject(task: Any) -> str:
    return f"{task.dag_id}.{task.task_id}"


def _is_said_elsewhere(dag_id: str, error: object, troubles: Troubles) -> bool:
    """Say whether the error has an incident of its own, or the live feeds have one: that they are stopped, or that a
    server they need does not answer. No feed needs the others."""
    if isinstance(error, JstError) and error.incident:
        return True
    away = error.server if isinstance(error, Retry) else ""
    if dag_id in {dag_of(module.name) for module in modules_of("live")}:
        return error is None or bool(away) or isinstance(error, Misconfigured)
    return bool(away) and troubles.standing(server=away) is not None
