"""The few errors of the system; each names what the code that catches it has to do.

Messages are Chinese because on-call reads them in a task log: what happened, to which module, window and page, and what
to do. No message may carry a secret or a personal field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

Server = Literal["", "聚水潭", "Kafka", "ClickHouse", "PostgreSQL", "MySQL", "瓴羊BI"]
"""Who did not do what it was asked for, as people call it; '' where no server is to blame."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which request an error is about; unknown parts stay empty."""

    module: str = ""
    endpoint: str = ""
    window: str = ""
    page: int = 0
    request_id: str = ""
    ticket: int = 0

    def __str__(self) -> str:
        parts = (
            ("模块", self.module),
            ("接口", self.endpoint),
            ("窗口", self.window),
            ("页", self.page),
            ("request_id", self.request_id),
            ("请求号", self.ticket),
        )
        return "，".join(f"{name} {value}" for name, value in parts if value)


class JstError(Exception):
    """An error: ``what`` happened, ``where`` (may be empty), what to ``do``, and at which ``server``. ``outcome``: what
    the figures of requests count it as, where the source named it. ``incident``: kind of the incident that says it
    already; '' where the failed task has to."""

    outcome = incident = ""

    def __init__(self, what: str, *, do: str, where: Where | None = None, server: Server = "") -> None:
        super().__init__(what)
        self.what, self.do, self.where, self.server = what, do, where or Where(), server

    def at(self, **known: object) -> JstError:
        """Fill in what the raiser could not know (window, page); returns self."""
        self.where = replace(self.where, **known)  # type: ignore[arg-type]
        return self

    def said_by(self, incident: str) -> Self:
        """Note that an incident of this kind says it already; returns self."""
        self.incident = incident
        return self

    def lines(self) -> list[str]:
        """Return what, where and what to do, a line each: a log's window cuts a long line where the advice begins."""
        return [self.what, *([f"位置：{self.where}"] if str(self.where) else []), f"处理：{self.do}"]

    def __str__(self) -> str:
        place = str(self.where)
        return f"{self.what}{f'（{place}）' if place else ''}。处理：{self.do}"


class Retry(JstError):
    """Trouble that passes (5xx, time-out, dropped line, no JSON): try again, ``after`` seconds at the earliest.
    ``asked``: how often the source was asked without success; 0 when the trouble is not an answer of the source."""

    def __init__(
        self, what: str, *, do: str, where: Where | None = None, server: Server = "", after: float = 1.0
    ) -> None:
        super().__init__(what, do=do, where=where, server=server)
        self.after = after
        self.asked = 0


class Refused(Retry):
    """The source says we are too fast (HTTP 429, code 199 or 200): every process has to slow down."""


class Reauthorise(JstError):
    """The source no longer takes our token: get a new one, once."""


class Misconfigured(JstError):
    """Trying again cannot help; a person must change the connection, the permission or the spec file."""


class Unaccepted(Misconfigured):
    """The source does not accept what was asked, in this form: another way of asking may be answered."""


class Unproven(JstError):
    """A proof failed; trying again cannot help before a person has looked."""


class BadRecord(JstError):
    """This one record cannot be read; it becomes a dead letter, the others go on. ``reason`` is a short code."""

    def __init__(
        self, what: str, *, reason: str, do: str = "查看死信内容，修正规则后重投", where: Where | None = None
    ) -> None:
        super().__init__(what, do=do, where=where)
        self.reason = reason
