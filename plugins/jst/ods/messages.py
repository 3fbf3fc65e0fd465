"""What a message in an ODS topic looks like: key, body, and headers that say where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

LETTERS = "ods.dead_letters"

Headers = list[tuple[str, "str | bytes | None"]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from; becomes the Kafka headers."""

    plan_id: str
    attempt: int
    window: str
    page: int
    ticket: int
    dialect: str
    fetched_at: datetime

    def headers(self) -> Headers:
        return [
            ("plan_id", self.plan_id.encode()),
            ("attempt", b"%d" % self.attempt),
            ("window", self.window.encode()),
            ("page", b"%d" % self.page),
            ("ticket", b"%d" % self.ticket),
            ("dialect", self.dialect.encode()),
            ("fetched_at", self.fetched_at.isoformat(timespec="milliseconds").encode()),
        ]


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as it lies in Kafka. ``produced_at`` is the message's own time: it never changes for an offset."""

    partition: int
    offset: int
    key: str
    plan_id: str
    attempt: int
    ticket: int
    page: int
    fetched_at: datetime
    produced_at: datetime
    body: str


def parse_headers(headers: Any) -> dict[str, str]:
    return {name: value.decode() for name, value in headers if value is not None}
