"""A notifier for any DAG: ``on_failure_callback=MessageNotifier()`` puts a card into the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

from jst.airflow.connections import base_address
from jst.airflow.hooks import parts_from_connections
from jst.airflow.last_lines import lines_of
from jst.clock import SystemClock
from jst.errors import Misconfigured
from jst.messages.channels import channel as channel_named
from jst.messages.message import Message, Severity
from jst.messages.outbox import Outbox

if TYPE_CHECKING:
    from airflow.sdk import Context

_LASTS = timedelta(hours=24)


class MessageNotifier(BaseNotifier):
    """Says once per run, task and try what happened, with a link to the run. ``mentions``: accounts of sheet 人员;
    ``title``, ``text``: templates; ``text`` follows what the error says."""

    template_fields: Sequence[str] = ("title", "text", "mentions")

    def __init__(
        self,
        *,
        channel: str = "feishu",
        mentions: Sequence[str] = (),
        title: str = "任务失败：{{ dag.dag_id }}{% if ti %}.{{ ti.task_id }}{% endif %}",
        text: str = "",
        severity: Severity = "warning",
    ) -> None:
        super().__init__()
        self.channel, self.mentions, self.title, self.text = channel, list(mentions), title, text
        self.severity: Severity = severity

    def notify(self, context: Context) -> None:
        """Put the card; where the outbox is away, Airflow logs that, and the task stays as red as it is."""
        with parts_from_connections() as parts:
            Outbox(parts.database).put(self._message(context))

    def _message(self, context: Any) -> Message:
        ti, dag_id, run_id = context.get("ti"), context["dag"].dag_id, context["run_id"]
        task = f".{ti.task_id}" if ti else ""
        attempt = f" {ti.map_index} {ti.try_number}" if ti else ""
        lines = [*lines_of(context.get("exception")), *([self.text] if self.text else [])]
        return Message(
            channel=channel_named(self.channel).name,
            kind="incident",
            subject=f"{dag_id}{task}",
            slot=f"{run_id}{attempt}",
            until=SystemClock().now() + _LASTS,
            title=self.title,
            lines=(*lines, f"运行 {run_id}"),
            link=_link(dag_id),
            link_title="打开 DAG",
            severity=self.severity,
            mentions=tuple(self.mentions),
            reference=f"{dag_id}{task}",
        )


def _link(dag_id: str) -> str:
    """Return where Airflow shows the DAG; '' where its address is not known: the word must come without it."""
    try:
        return f"{base_address()}/dags/{dag_id}"
    except Misconfigured:
        return ""
