"""What happens after a failure: retry or not, by the kind of error, and how long the feed holds back."""

from __future__ import annotations

from typing import Any

from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule

from jst.airflow.hooks import parts_from_connections
from jst.airflow.last_lines import sentence_of
from jst.errors import Misconfigured

BY_ERROR = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="jst.errors.Misconfigured", action=RetryAction.FAIL, reason="重试没有用，需要人来改配置"),
        RetryRule(exception="jst.errors.Unproven", action=RetryAction.FAIL, reason="已经核对过，需要人来看"),
    ]
)


class HoldBack:
    """Failure callback of a live feed's tasks: the next runs wait, so that one trouble does not become a row of red
    runs."""

    def __init__(self, module: str) -> None:
        self.module = module

    def __call__(self, context: Any) -> None:
        error = context.get("exception")
        with parts_from_connections() as parts:
            parts.holds.failed(
                self.module,
                context["run_id"],
                f"任务 {context['ti'].task_id} 失败：{sentence_of(error)}",
                hopeless=isinstance(error, Misconfigured),
            )
