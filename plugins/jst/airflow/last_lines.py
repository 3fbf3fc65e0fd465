"""How a red log ends: people open it at its end, and Airflow's traceback would push the sentence out of sight."""

from __future__ import annotations

import logging
from typing import Any

import psycopg2
from airflow.sdk.exceptions import AirflowException

from jst.errors import JstError

log = logging.getLogger(__name__)


def lines_of(error: object) -> list[str]:
    """Return what happened, where, and what to do, a line each."""
    if error is None:  # a trigger ended the task, and has said why in the same log
        return []
    if isinstance(error, JstError):
        return error.lines()
    if isinstance(error, AirflowException):
        return [str(error)]
    if isinstance(error, psycopg2.Error):
        refused = f"控制库 jst_ops 拒绝了语句（{type(error).__name__}）"
        return [refused, "处理：运行 DAG jst_schema 补上缺少的表；仍然如此时把上面的 traceback 交给开发"]
    return [f"意外的错误 {type(error).__name__}：{error}", "处理：把上面的 traceback 交给开发"]


def sentence_of(error: object) -> str:
    """Return the same in one line."""
    return str(error) if isinstance(error, JstError) else "。".join(lines_of(error)) or "原因见任务日志"


def end_with_the_sentence(context: Any) -> None:
    """Log the sentence once more: failure and retry callbacks run after Airflow has logged the traceback."""
    for line in lines_of(context.get("exception")):
        log.error("%s", line)
