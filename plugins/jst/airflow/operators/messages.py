"""Operators of messages: one for any DAG, and the one of ``lingyang_messages``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import StartTriggerArgs

from jst.airflow.hooks import parts_from_connections
from jst.airflow.message_trigger import MessagesTrigger
from jst.clock import SystemClock
from jst.messages.channels import channel as channel_named
from jst.messages.message import Message, Severity
from jst.messages.outbox import Outbox

if TYPE_CHECKING:
    from airflow.sdk import Context


class SendMessageOperator(BaseOperator):
    """Put a message into the outbox, from which ``lingyang_messages`` sends it within seconds: once per ``slot``,
    however often the task is cleared. ``channel``: of messages.yaml; ``lines``: Markdown, a paragraph each;
    ``mentions``: accounts of sheet 人员; ``subject``: the task by default, ``slot``: its run; ``useful_for``: how long
    it is worth sending. Returns the message's id."""

    template_fields: Sequence[str] = ("channel", "title", "lines", "link", "mentions", "subject", "slot")

    def __init__(
        self,
        *,
        title: str,
        channel: str = "dingtalk",
        lines: Sequence[str] = (),
        link: str = "",
        mentions: Sequence[str] = (),
        severity: Severity = "info",
        subject: str = "",
        slot: str = "",
        useful_for: timedelta = timedelta(hours=3),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.title, self.channel, self.lines, self.link = title, channel, list(lines), link
        self.mentions, self.subject, self.slot = list(mentions), subject, slot
        self.severity: Severity = severity
        self.useful_for = useful_for

    def execute(self, context: Context) -> int:
        ti: Any = context["ti"]
        message = Message(
            channel=channel_named(self.channel).name,
            kind="report",
            subject=self.subject or f"{self.dag_id}.{self.task_id}",
            slot=self.slot or f"{context['run_id']} {ti.map_index}",
            until=SystemClock().now() + self.useful_for,
            title=self.title,
            lines=tuple(self.lines),
            link=self.link,
            severity=self.severity,
            mentions=tuple(self.mentions),
        )
        with parts_from_connections() as parts:
            number = Outbox(parts.database).put(message)
        self.log.info("消息 %d 已放进发件箱，由 lingyang_messages 发送；状态见导航栏的“消息”", number)
        return number


class DeliverMessagesOperator(BaseOperator):
    """Send what is due for ``longest``; it starts and ends in the triggerer and takes no worker."""

    def __init__(self, *, longest: timedelta = timedelta(hours=1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest.total_seconds()
        self.start_from_trigger = True
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="jst.airflow.message_trigger.MessagesTrigger",
            trigger_kwargs={"longest": self.longest},
            next_method="ended",
        )

    def execute(self, context: Context) -> None:
        self.defer(trigger=MessagesTrigger(self.longest), method_name="ended")

    def ended(self, context: Context, event: Any = None) -> None:
        """Only ``airflow dags test`` comes here, with the trigger's state; elsewhere the trigger ends the task."""
        if event == "failed":
            raise AirflowFailException("发件箱不能发送，原因见上面的日志")
