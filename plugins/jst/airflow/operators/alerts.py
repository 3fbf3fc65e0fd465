"""The operators of ``lingyang_alerts`` and ``lingyang_silence``."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Param
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import StartTriggerArgs

from jst.airflow.alert_trigger import AlertsTrigger
from jst.airflow.hooks import parts_from_connections
from jst.alerts.rules import load_rules
from jst.control.silences import Silences
from jst.errors import Misconfigured

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)
PARAMS = {
    "rule": Param("", type="string", title="规则", description="alerts.yaml 里的名字，例如 sold_out"),
    "subject": Param("", type=["null", "string"], title="对象", description="例如一个商品编码；留空是这条规则的全部"),
    "hours": Param(4, type="number", exclusiveMinimum=0, maximum=24 * 30, title="多少小时", description="到时自动结束"),
    "reason": Param("", type="string", title="原因", description="必填，别人看得到"),
}


class LookAtAlertsOperator(BaseOperator):
    """Look at alerts for ``longest``; it starts and ends in the triggerer and takes no worker."""

    def __init__(self, *, longest: timedelta = timedelta(hours=1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest.total_seconds()
        self.start_from_trigger = True
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="jst.airflow.alert_trigger.AlertsTrigger",
            trigger_kwargs={"longest": self.longest},
            next_method="ended",
        )

    def execute(self, context: Context) -> None:
        self.defer(trigger=AlertsTrigger(self.longest), method_name="ended")

    def ended(self, context: Context, event: Any = None) -> None:
        """Only ``airflow dags test`` comes here, with the trigger's state; elsewhere the trigger ends the task."""
        if event == "failed":
            raise AirflowFailException("规则没有问到，原因见上面的日志")


class SilenceOperator(BaseOperator):
    """Silence a rule, or one subject of it, for some hours; clearing the task again changes nothing but the end."""

    def execute(self, context: Context) -> None:
        params = context["params"]
        rule, reason = str(params["rule"]).strip(), str(params["reason"]).strip()
        if rule not in load_rules().by_name:
            raise Misconfigured(
                f"没有规则 {rule or '（空）'}", do=f"写 alerts.yaml 里的一个：{'、'.join(load_rules().by_name)}"
            )
        if not reason:
            raise Misconfigured("没有写原因", do="在“原因”里写为什么静默，别人看得到")
        run = context["dag_run"]
        with parts_from_connections() as parts:
            # from when it was asked for, not from when it is cleared
            begin = run.run_after
            until = begin + timedelta(hours=float(params["hours"]))
            by = str(getattr(run, "triggering_user_name", None) or "lingyang_silence")
            Silences(parts.database).make(rule, str(params["subject"] or "").strip(), reason, by, begin, until)
        log.info("规则 %s %s 静默到 %s：%s", rule, params["subject"] or "全部", until, reason)
