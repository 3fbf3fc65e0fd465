"""The words of a message: what is to be said, on which channel, until when, and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

Kind = Literal["report", "incident"]
"""A report is never repeated when its outcome is unknown; an incident is, with its id."""
State = Literal["waiting", "sending", "sent", "maybe_sent", "refused", "skipped"]
Severity = Literal["info", "warning", "critical", "good"]
"""The colour of a card; good: it is over."""
STATE_TITLES: dict[State, str] = {
    "waiting": "等待发送", "sending": "正在发送", "sent": "已发送", "maybe_sent": "可能已发送", "refused": "被拒绝",
    "skipped": "已跳过",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """A message of one channel. It is the same message wherever (``channel``, ``kind``, ``subject``, ``slot``) are the
    same. ``until``: aware; later it is of no use. ``lines``: Markdown, one paragraph each. ``mentions``: accounts of
    sheet 人员, never mobile numbers. ``priority``: 0 goes first among those of its kind; incidents go before reports.
    ``picture``: PNG, sent where the channel has an app for it; ``picture_url``: the same at a public address; the lines
    stand for both where there is neither. ``reference``: the incident's id, by which a repeated card is recognised."""

    channel: str
    kind: Kind
    subject: str
    slot: str
    until: datetime
    title: str
    lines: tuple[str, ...] = ()
    link: str = ""
    link_title: str = "打开看板"
    severity: Severity = "info"
    mentions: tuple[str, ...] = ()
    priority: int = 1
    reference: str = ""
    picture_url: str = ""
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in the outbox. ``what`` became of it and what to ``do``: Chinese sentences, '' where all is well.
    ``due_at``: when it may be sent next, None: never by itself. ``attempt``: how often it was claimed."""

    message_id: int
    message: Message
    state: State
    attempt: int
    put_at: datetime
    moved_at: datetime
    due_at: datetime | None
    what: str
    do: str
    again_by: str | None

    @property
    def repeated(self) -> str:
        """The line by which one sees that a card was there before; '' for a message without an incident."""
        if not self.message.reference:
            return ""
        return f"事件 {self.message.reference}{'（可能是重复发送）' if self.attempt > 1 else ''}"

    def next_attempt(self) -> Posted:
        """Return the message as its next claim will have it."""
        return replace(self, attempt=self.attempt + 1)
