"""What a message in an ODS topic looks like: key, body, and headers that say where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

LETTERS = "ods.dead_letters"

Headers = list[tuple[str, "str | bytes | None"]]
ORIGIN = "origin"
"""A header that says all the others: a JSON object of texts. One costs half of what seven do; it is written once every
reader there is knows it."""

_decode_origin = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True)
class RecordOrigin:
    """Where a record came from; becomes the Kafka headers."""

    plan_id: str
    attempt: int
    window: str
    page: int
    ticket: int
    dialect: str
    fetched_at: datetime

    @cached_property
    def headers(self) -> Headers:
        """The same for every record of the page."""
        return [
            ("plan_id", self.plan_id.encode()),
            ("attempt", b"%d" % self.attempt),
            ("window", self.window.encode()),
            ("page", b"%d" % self.page),
            ("ticket", b"%d" % self.ticket),
            ("dialect", self.dialect.encode()),
            ("fetched_at", self.fetched_at.isoformat(timespec="milliseconds").encode()),
        ]


class RawRecord(NamedTuple):
    """One record as it lies in Kafka. Times are Unix milliseconds; ``produced_at``: the message's own time, which never
    changes for an offset. A tuple, and numbers for times: hundreds of thousands are made in a row."""

    partition: int
    offset: int
    key: str
    plan_id: str
    attempt: int
    ticket: int
    page: int
    fetched_at: int
    produced_at: int
    body: str


def parse_headers(headers: Any) -> dict[str, str]:
    """Return what a record's headers say, those within ``origin`` too; one without a value is left out. Raises
    ValueError where they are not text, or ``origin`` is no object of texts: then the record is not ours."""
    texts = {name: value.decode() for name, value in headers if value is not None}
    if ORIGIN not in texts:
        return texts
    try:
        return _decode_origin(texts[ORIGIN])
    except msgspec.DecodeError as wrong:
        raise ValueError(str(wrong)) from None
