"""Keep what rules find in the table of incidents: each subject opens once, gets worse by steps, and closes.

A round may be killed between any two lines and done again, and two may run at once: of a rule, the reading that was
begun last decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg2.extras import Json, execute_values

from jst.control.database import Cursor, Database, storable
from jst.control.incidents import OUTSIDE

ALERT, LEDGER = "alert", "ledger"
"""Kinds of incidents that rules open; ``module`` is the rule. All others are opened where they are known."""
FLAPS_WITHIN = timedelta(hours=1)
UNREPEATED = timedelta(days=1)
"""Alertmanager repeats every hour what fires: what it has not for so long is over, and the word of it was lost."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A subject that is bad. ``keys``: its cuts and what helps to link to it, JSON values; nothing personal."""

    subject: str
    what: str
    step: int = 0
    owners: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Open:
    """An incident that is not closed. ``openings``: how often its subject was opened within the hour, this one
    included."""

    id: int
    subject: str
    step: int
    calm_since: datetime | None
    openings: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reading changes, by subject or incident. ``worse``: (id, step, what); ``calm``, ``found``: ids that are no
    longer, or again, found; ``closed``: ids."""

    opened: Sequence[Opening] = ()
    worse: Sequence[tuple[int, int, str]] = ()
    calm: Sequence[int] = ()
    found: Sequence[int] = ()
    closed: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class RuleMark:
    """When a rule was asked last, and of which data."""

    asked_at: datetime
    marks: str


class AlertBook:
    """The incidents of rules; every change may be repeated. Times are aware, and given: rules are tried on the past."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def marks(self) -> dict[str, RuleMark]:
        """Return rule → how far it is; a rule that was never asked is left out."""
        rows = self._db.rows("SELECT rule, asked_at, marks FROM alert_rule WHERE asked_at > '-infinity'")
        return {rule: RuleMark(asked_at, marks) for rule, asked_at, marks in rows}

    def open_subjects(self, kind: str, rule: str) -> set[str]:
        """Return the subjects of a rule that are open: what a reading has to find again, or not."""
        rows = self._db.rows(
            "SELECT subject FROM incident WHERE kind = %(kind)s AND module = %(rule)s AND closed_at IS NULL",
            kind=kind, rule=rule,
        )  # fmt: skip
        return {subject for (subject,) in rows}

    def apply(
        self, kind: str, rule: str, severity: str, do: str, asked: RuleMark, now: datetime,
        judge: Callable[[Sequence[Open]], Changes],
    ) -> Changes | None:  # fmt: skip
        """Change the rule's incidents as ``judge`` says of those that stand; None: a reading that was begun later has
        been applied already."""

        def work(cur: Cursor) -> Changes | None:
            cur.execute(
                """INSERT INTO alert_rule AS known (rule, asked_at, marks) VALUES (%s, %s, %s)
                   ON CONFLICT (rule) DO UPDATE SET asked_at = excluded.asked_at, marks = excluded.marks
                   WHERE known.asked_at <= excluded.asked_at RETURNING 1""",
                (rule, asked.asked_at, asked.marks),
            )
            if cur.fetchone() is None:
                return None
            changes = judge(_standing(cur, kind, rule, now))
            _write(cur, kind, rule, severity, do, changes, now)
            return changes

        return self._db.transaction(work)

    def close_without_rule(self, rules: Sequence[str], now: datetime) -> None:
        """Close what rules have opened that are no longer in the file: no process would ever find it calm."""
        self._db.rows(
            """UPDATE incident SET closed_at = %(now)s
               WHERE kind IN (%(alert)s, %(ledger)s) AND closed_at IS NULL AND NOT module = ANY(%(rules)s)""",
            now=now, alert=ALERT, ledger=LEDGER, rules=list(rules),
        )  # fmt: skip

    def close_unrepeated(self, now: datetime) -> None:
        """Close what Alertmanager has stopped to repeat."""
        self._db.rows(
            "UPDATE incident SET closed_at = %(now)s"
            " WHERE kind = %(kind)s AND closed_at IS NULL AND seen_at < %(last)s",
            now=now, kind=OUTSIDE, last=now - UNREPEATED,
        )  # fmt: skip


def _standing(cur: Cursor, kind: str, rule: str, now: datetime) -> list[Open]:
    cur.execute(
        """SELECT id, subject, step, calm_since, coalesce(recent.openings, 1)
           FROM incident LEFT JOIN
                (SELECT subject, count(*) AS openings FROM incident
                 WHERE kind = %(kind)s AND module = %(rule)s AND opened_at > %(since)s GROUP BY subject) AS recent
                USING (subject)
           WHERE kind = %(kind)s AND module = %(rule)s AND closed_at IS NULL""",
        {"kind": kind, "rule": rule, "since": now - FLAPS_WITHIN},
    )
    return [Open(*row) for row in cur.fetchall()]


def _write(cur: Cursor, kind: str, rule: str, severity: str, do: str, changes: Changes, now: datetime) -> None:
    if changes.opened:
        execute_values(
            cur,
            """INSERT INTO incident
                   (kind, module, subject, severity, "do", opened_at, seen_at, what, step, owners, detail)
               VALUES %s ON CONFLICT DO NOTHING""",
            [
                (kind, rule, storable(each.subject), severity, storable(do), now, now, storable(each.what), each.step,
                 list(each.owners), Json(dict(each.keys)))
                for each in changes.opened
            ],
            page_size=1000,
        )  # fmt: skip
    if changes.worse:
        execute_values(
            cur,
            """UPDATE incident SET step = v.step, what = v.what, seen_at = v.now::timestamptz, times = times + 1,
                      calm_since = NULL
               FROM (VALUES %s) AS v (id, step, what, now) WHERE incident.id = v.id""",
            [(number, step, storable(what), now) for number, step, what in changes.worse],
            page_size=1000,
        )
    for numbers, change in (
        (changes.calm, "calm_since = %(now)s"),
        (changes.found, "calm_since = NULL, seen_at = %(now)s"),
        (changes.closed, "closed_at = %(now)s"),
    ):
        if numbers:
            cur.execute(
                f"UPDATE incident SET {change} WHERE id = ANY(%(ids)s) AND closed_at IS NULL",
                {"now": now, "ids": list(numbers)},
            )
