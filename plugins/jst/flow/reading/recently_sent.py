"""Records that have reached Kafka already and need not be sent again."""

from __future__ import annotations

from datetime import datetime, timedelta

from jst.flow.reading.records import Record
from jst.kafka.letter import Letter
from jst.model.window import Window

KEPT_FOR = timedelta(minutes=2)
"""Longer than any overlap or re-read tail: what lies further back does not come again."""


class RecentlySent:
    """Remembers what may come again in the overlap: same key, same content. Without it, 5 to 7 times as many records
    were sent.

    Letters too: their record comes again in every overlapping window, and one letter is enough.
    """

    def __init__(self) -> None:
        self._records: dict[str, tuple[bytes, datetime]] = {}
        self._letters: dict[bytes, datetime] = {}

    def digest(self, key: str) -> bytes | None:
        """Return the digest of what was sent last of a key, as far as it is remembered."""
        digest, _ = self._records.get(key, (None, None))
        return digest

    def has_letter(self, letter: Letter) -> bool:
        return letter.identity in self._letters

    def add(self, records: list[Record], letters: list[Letter], window: Window) -> None:
        """Remember these and forget what was read too long before the window to come again."""
        self._records.update((record.key, (record.digest, window.end)) for record in records)
        self._letters.update((letter.identity, window.end) for letter in letters)
        oldest = window.start - KEPT_FOR
        self._records = {key: known for key, known in self._records.items() if known[1] >= oldest}
        self._letters = {identity: end for identity, end in self._letters.items() if end >= oldest}
