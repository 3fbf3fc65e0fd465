"""The operator of ``jst_figures``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import StartTriggerArgs

from jst.airflow.triggers import FiguresTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context


class CopyFiguresOperator(BaseOperator):
    """Copy the pipeline's figures for ``longest``; it starts and ends in the triggerer and takes no worker."""

    def __init__(self, *, longest: timedelta = timedelta(hours=1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest.total_seconds()
        self.start_from_trigger = True
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="jst.airflow.triggers.FiguresTrigger",
            trigger_kwargs={"longest": self.longest},
            next_method="ended",
        )

    def execute(self, context: Context) -> None:
        self.defer(trigger=FiguresTrigger(self.longest), method_name="ended")

    def ended(self, context: Context, event: Any = None) -> None:
        """Only ``airflow dags test`` comes here, with the trigger's state; elsewhere the trigger ends the task."""
        if event == "failed":
            raise AirflowFailException("运行指标没有复制成功，原因见上面的日志")
