"""Which incidents have something unsaid, and that it was said: both within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from jst.control.database import Cursor
from jst.control.lock_numbers import ALERTS
from jst.control.shown_incident import COLUMNS, ShownIncident, shown_incident


def untold(cur: Cursor) -> list[ShownIncident]:
    """Return those that were opened, got worse by a step, or are over, the oldest first, and keep other processes from
    saying the same until the transaction ends."""
    cur.execute("SELECT pg_advisory_xact_lock(%s, 0)", (ALERTS,))
    cur.execute(
        f"""SELECT {COLUMNS} FROM incident
            WHERE settled_at IS NULL AND (said_at IS NULL OR closed_at IS NOT NULL OR step > said_step) ORDER BY id"""
    )
    return [shown_incident(row) for row in cur.fetchall()]


def unacknowledged(
    cur: Cursor, kinds: Collection[str], rules: Collection[str], before: datetime
) -> list[ShownIncident]:
    """Return what was said before a moment, stands, and no person has acknowledged or was sent an SMS of: incidents of
    these kinds, or of these rules."""
    cur.execute(
        f"""SELECT {COLUMNS} FROM incident
            WHERE settled_at IS NULL AND closed_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL
              AND said_at <= %(before)s
              AND (kind = ANY(%(kinds)s) OR kind IN ('alert', 'ledger') AND module = ANY(%(rules)s))
            ORDER BY id""",
        {"before": before, "kinds": list(kinds), "rules": list(rules)},
    )
    return [shown_incident(row) for row in cur.fetchall()]


def rules_said(cur: Cursor) -> dict[str, datetime]:
    """Return rule → when a card of it was last put into the outbox."""
    cur.execute("SELECT rule, said_at FROM alert_rule WHERE said_at > '-infinity'")
    return dict(cur.fetchall())


def mark_said(cur: Cursor, ids: Collection[int], rules: Collection[str], now: datetime) -> None:
    """Note that all there is to say of these incidents is in the outbox, by these rules."""
    cur.execute(
        """UPDATE incident SET said_at = coalesce(said_at, %(now)s), said_step = step,
                  settled_at = CASE WHEN closed_at IS NOT NULL THEN %(now)s END
           WHERE id = ANY(%(ids)s)""",
        {"now": now, "ids": list(ids)},
    )
    for rule in rules:
        cur.execute(
            """INSERT INTO alert_rule (rule, said_at) VALUES (%s, %s)
               ON CONFLICT (rule) DO UPDATE SET said_at = excluded.said_at""",
            (rule, now),
        )


def settle_silently(cur: Cursor, ids: Collection[int], now: datetime) -> None:
    """Note that nothing will be said of the end of these."""
    cur.execute("UPDATE incident SET settled_at = %s WHERE id = ANY(%s)", (now, list(ids)))


def mark_escalated(cur: Cursor, ids: Collection[int], now: datetime) -> None:
    """Note that an SMS of these incidents is in the outbox."""
    cur.execute("UPDATE incident SET escalated_at = %s WHERE id = ANY(%s)", (now, list(ids)))
