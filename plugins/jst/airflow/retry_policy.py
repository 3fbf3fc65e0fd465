"""What happens after a failure: retry or not, by the kind of error, and how long the feed holds back."""

from __future__ import annotations

from typing import Any

from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule

from jst.airflow.hooks import parts_from_connections
from jst.airflow.last_lines import sentence_of
from jst.errors import JstError, Misconfigured
from jst.model.words import TroubledTask

BY_ERROR = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="jst.errors.Misconfigured", action=RetryAction.FAIL, reason="重试没有用，需要人来改配置"),
        RetryRule(exception="jst.errors.Unproven", action=RetryAction.FAIL, reason="已经核对过，需要人来看"),
    ]
)


OUT_OF_PATIENCE = ExceptionRetryPolicy(
    rules=[
        *BY_ERROR.rules,
        RetryRule(exception="jst.errors.Retry", action=RetryAction.FAIL, reason="已经等了 90 秒；保持一会儿再开下一班"),
    ]
)
"""For a pull, which has tried for 90 s by itself: the task is red then, and the feed holds back."""


class HoldBack:
    """Failure callback of a live feed's tasks: the next runs wait, so that one trouble does not become a row of red
    runs."""

    def __init__(self, module: str) -> None:
        self.module = module

    def __call__(self, context: Any) -> None:
        error, task_id, run_id = context.get("exception"), context["ti"].task_id, context["run_id"]
        if error is None and task_id.startswith("watch_"):
            return  # its trigger has held the feed back, and has said why
        with parts_from_connections() as parts:
            if isinstance(error, JstError) and error.server != "PostgreSQL":
                task: TroubledTask = "pull" if task_id.startswith("pull_") else "load"
                parts.holds.troubles.note(self.module, task, run_id, error)
            parts.holds.failed(
                self.module,
                run_id,
                f"任务 {task_id} 失败：{sentence_of(error)}",
                hopeless=isinstance(error, Misconfigured),
            )
