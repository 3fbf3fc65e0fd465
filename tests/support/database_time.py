"""Time that passes in the control database without anybody waiting: every moment it remembers moves into the past."""

from __future__ import annotations

import time

from jst.clock import SystemClock
from jst.control.database import Database

MOMENTS = {
    "budget": ["next_at"],
    "degradation": ["since", "until", "due_at"],
    "feed": ["hold_until"],
    "message": ["due_at", "until", "put_at", "moved_at"],
    "cursor_mark": ["seen_at"],
    "plan": ["begun_at"],
    "trouble": ["since", "seen_at"],
    "turn": ["until", "relief_at", "ready_at", "cleared_at"],
}


def pass_time(database: Database, seconds: float, minutes: int | None = None) -> None:
    """As if ``seconds`` had passed since every moment in MOMENTS was written down; ``minutes``: so many of what is
    counted by the minute, when not just the seconds' own."""
    for table, columns in MOMENTS.items():
        moved = ", ".join(f"{column} = {column} - %(passed)s * interval '1 second'" for column in columns)
        only = "state = 'planned'" if table == "plan" else "true"  # of others nobody asks when they were begun
        database.rows(f"UPDATE {table} SET {moved} WHERE {only}", passed=seconds)
    database.rows(
        """UPDATE budget SET used = coalesce((SELECT jsonb_object_agg(key, value::float8 - %(passed)s)
                                              FROM jsonb_each_text(used)), '{}')""",
        passed=seconds,
    )
    whole = int(seconds // 60) if minutes is None else minutes
    if whole:
        # far away first: a row must not meet the place of one that has not moved yet
        for step in (f"- interval '10 years' - {whole} * interval '1 min'", "+ interval '10 years'"):
            database.rows(f"UPDATE budget_minute SET minute = minute {step}")


class PassingClock(SystemClock):
    """The real time; but sleeping lets it pass instead of waiting, in the control database too.

    It starts ten seconds before a minute ends at the latest: what is counted by the minute would move by one more when
    the real minute ends on the way."""

    def __init__(self, database: Database) -> None:
        left = 60 - self.now().second
        if left <= 10:
            time.sleep(left)
        self._database, self._passed, self._minutes = database, 0.0, 0

    def monotonic(self) -> float:
        return super().monotonic() + self._passed

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._passed += seconds
            minutes = int(self._passed // 60)
            pass_time(self._database, seconds, minutes - self._minutes)
            self._minutes = minutes
