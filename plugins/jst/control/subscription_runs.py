"""Keep which runs of 瓴羊BI's subscriptions were asked for: written before the request leaves, since asking twice sends
twice."""

from __future__ import annotations

from uuid import UUID

from jst.control.database import Cursor, Database, one


class SubscriptionRuns:
    """All runs that were asked for, by slot."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def claim(self, slot: str, mail_id: str, by: UUID, last_task: int) -> tuple[bool, int]:
        """Claim a slot; returns whether ``by`` may ask, once, and the number of the last run before it was claimed. A
        kill after this costs the slot its run: whether the request left is not known."""

        def work(cur: Cursor) -> tuple[bool, int]:
            cur.execute(
                """INSERT INTO subscription_run (slot, mail_id, asked_by, task_before) VALUES (%s, %s, %s, %s)
                   ON CONFLICT DO NOTHING""",
                (slot, mail_id, str(by), last_task),
            )
            cur.execute("SELECT asked_by, task_before FROM subscription_run WHERE slot = %s", (slot,))
            asked_by, before = one(cur)
            return str(asked_by) == str(by), int(before)

        return self._db.transaction(work)

    def release(self, slot: str, by: UUID) -> None:
        """Let a slot be asked for again: the request was refused, so nothing was sent."""
        self._db.rows("DELETE FROM subscription_run WHERE slot = %(slot)s AND asked_by = %(by)s", slot=slot, by=str(by))
