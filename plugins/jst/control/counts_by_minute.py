"""Gather counts in a process and write them every few seconds: with every request it would cost a round trip each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from jst.control.database import Cursor, Database

WRITE_SECONDS = 5.0
"""How old a count may be: what a killed process loses."""


class CountsByMinute(ABC):
    """The counts of one process, by a key that begins with the minute."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._counts: dict[Any, list[Any]] = {}
        self._written: float | None = None

    def write(self, now: float, *, every: float = WRITE_SECONDS) -> None:
        """Write what was counted unless that was done less than ``every`` seconds ago; ``now`` is any steady clock."""
        if not self._counts or (self._written is not None and now - self._written < every):
            return
        self._db.transaction(self._write)
        self._counts.clear()
        self._written = now

    def _write(self, cur: Cursor) -> None:
        cur.execute("SET LOCAL synchronous_commit TO off")
        # in one order, else two processes could wait for each other
        self._add(cur, sorted(self._counts.items()))

    @abstractmethod
    def _add(self, cur: Cursor, counts: list[tuple[Any, list[Any]]]) -> None:
        """Add the counts of each key to those that are written."""
