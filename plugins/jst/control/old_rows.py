"""What the control database no longer needs: a rule per table, and its deletion in small transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jst.control.database import Database

ROWS_AT_ONCE = 10_000
"""A transaction that deletes more holds locks and the server's memory for longer than a load may wait."""
_OLDER = "< clock_timestamp() - make_interval(days => %(days)s)"
# A plan is needed while a letter or a re-drive of it is not settled; those of the first load say where the past begins.
_PLANS = f"""SELECT plan_id FROM plan AS old
    WHERE state IN ('proven', 'excepted') AND origin <> 'initial' AND updated_at {_OLDER}
      AND NOT EXISTS (SELECT FROM letter WHERE letter.plan_id = old.plan_id AND letter.state <> 'redriven')
      AND NOT EXISTS (SELECT FROM plan AS again WHERE again.redrives = old.plan_id
                      AND again.state NOT IN ('proven', 'excepted'))"""
RULES: dict[str, tuple[str, ...]] = {
    "plan": (
        f"DELETE FROM plan WHERE plan_id IN ({_PLANS} LIMIT %(most)s)",
        f"DELETE FROM shift WHERE ended_at {_OLDER}",
        f"DELETE FROM rebuild WHERE updated_at {_OLDER}",
    ),
    "incident": (f"DELETE FROM incident WHERE settled_at {_OLDER}", f"DELETE FROM silence WHERE until {_OLDER}"),
    "letter": (f"DELETE FROM letter WHERE state = 'redriven' AND coalesce(tried_at, created_at) {_OLDER}",),
    "message": (f"DELETE FROM message WHERE due_at IS NULL AND put_at {_OLDER}",),
    "message_picture": (
        f"""DELETE FROM message_picture USING message
            WHERE message_picture.message_id = message.message_id AND due_at IS NULL AND put_at {_OLDER}""",
    ),
    "budget_minute": (f"DELETE FROM budget_minute WHERE minute {_OLDER}",),
    "api_minute": (f"DELETE FROM api_minute WHERE minute {_OLDER}",),
    "backup": (f"DELETE FROM backup WHERE began_at {_OLDER} AND name < (SELECT max(name) FROM backup)",),
}
"""What is deleted of a table and of those that belong to it; a plan's receipts go with it."""


class OldRows:
    """Deletes; may be repeated, and killed at any point."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def delete(self, days: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """Delete what is older than ``days`` of each table; yields table and rows deleted, a table at a time."""
        for table, statements in RULES.items():
            yield table, sum(self._delete(sql, days[table]) for sql in statements)

    def _delete(self, sql: str, days: int) -> int:
        deleted = 0
        while True:
            done = len(self._db.rows(f"{sql} RETURNING 1", days=days, most=ROWS_AT_ONCE))
            deleted += done
            if done < ROWS_AT_ONCE:
                return deleted
