"""What of an edition is in the outbox: put together, under one lock, so that no word contradicts another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jst.control.database import Cursor, Database
from jst.messages.message import Message
from jst.messages.outbox import put_within
from jst.push.editions import Edition

LATE = "late"
"""Of the word that an edition is late: its subject's ending."""


class Slots:
    """A slot is an edition and the business day it ends with."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def is_put(self, edition: Edition, day: date) -> bool:
        """Say whether the edition is in the outbox, whatever became of it."""
        return self._db.transaction(lambda cur: _is_put(cur, edition, day))

    def put(self, edition: Edition, day: date, messages: Sequence[Message], *, word: bool = False) -> bool:
        """Put messages of one slot, all or none; returns whether they are in the outbox now. A ``word`` about an
        edition that is there already is not put: two schedulers, or one whose database answered late, would say that it
        is late after it came. For the same reason a word that a robot has not taken yet goes no more."""

        def work(cur: Cursor) -> bool:
            cur.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"push {edition.name} {day}",))
            if word and _is_put(cur, edition, day):
                return False
            for message in messages:
                put_within(cur, message)
            if not word:
                _withdraw_late_word(cur, edition, day)
            return True

        return self._db.transaction(work)


def _withdraw_late_word(cur: Cursor, edition: Edition, day: date) -> None:
    cur.execute(
        """UPDATE message SET state = 'skipped', due_at = NULL, moved_at = clock_timestamp(), what = %s
           WHERE kind = 'report' AND subject = %s AND slot = %s AND state IN ('waiting', 'refused')""",
        ("这一期已经齐了，不再说它晚了", f"{edition.name}.{LATE}", day.isoformat()),
    )


def _is_put(cur: Cursor, edition: Edition, day: date) -> bool:
    cur.execute(
        "SELECT FROM message WHERE kind = 'report' AND subject = %s AND slot = %s LIMIT 1",
        (edition.name, day.isoformat()),
    )
    return cur.fetchone() is not None
