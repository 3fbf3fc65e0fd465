"""Which incidents have something unsaid, and that it was said: both within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jst.clock import SHANGHAI
from jst.control.database import Cursor
from jst.control.lock_numbers import ALERTS

_COLUMNS = 'id, kind, module, subject, owners, what, "do", step, opened_at, closed_at, said_at, said_step, detail'


@dataclass(frozen=True, slots=True)
class Untold:
    """An incident with something to say: it was opened, got worse by a step, or is over. ``closed_at``, ``said_at``
    None: not yet."""

    id: int
    kind: str
    module: str
    subject: str
    owners: tuple[str, ...]
    what: str
    do: str
    step: int
    opened_at: datetime
    closed_at: datetime | None
    said_at: datetime | None
    said_step: int
    keys: Mapping[str, Any]


def untold(cur: Cursor) -> list[Untold]:
    """Return them, the oldest first, and keep other processes from saying the same until the transaction ends."""
    cur.execute("SELECT pg_advisory_xact_lock(%s, 0)", (ALERTS,))
    cur.execute(
        f"""SELECT {_COLUMNS} FROM incident
            WHERE settled_at IS NULL AND (said_at IS NULL OR closed_at IS NOT NULL OR step > said_step) ORDER BY id"""
    )
    return [_untold(*row) for row in cur.fetchall()]


def unacknowledged(cur: Cursor, kinds: Collection[str], rules: Collection[str], before: datetime) -> list[Untold]:
    """Return what was said before a moment, stands, and no person has acknowledged or was sent an SMS of: incidents of
    these kinds, or of these rules."""
    cur.execute(
        f"""SELECT {_COLUMNS} FROM incident
            WHERE settled_at IS NULL AND closed_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL
              AND said_at <= %(before)s
              AND (kind = ANY(%(kinds)s) OR kind IN ('alert', 'ledger') AND module = ANY(%(rules)s))
            ORDER BY id""",
        {"before": before, "kinds": list(kinds), "rules": list(rules)},
    )
    return [_untold(*row) for row in cur.fetchall()]


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
    """Note that nothing will be said of what is over before it was said."""
    cur.execute("UPDATE incident SET settled_at = %s WHERE id = ANY(%s)", (now, list(ids)))


def mark_escalated(cur: Cursor, ids: Collection[int], now: datetime) -> None:
    """Note that an SMS of these incidents is in the outbox."""
    cur.execute("UPDATE incident SET escalated_at = %s WHERE id = ANY(%s)", (now, list(ids)))


def _untold(
    number: int, kind: str, module: str, subject: str, owners: list[str], what: str, do: str, step: int,
    opened: datetime, closed: datetime | None, said: datetime | None, said_step: int, keys: dict[str, Any],
) -> Untold:  # fmt: skip
    times = (opened.astimezone(SHANGHAI), closed and closed.astimezone(SHANGHAI), said and said.astimezone(SHANGHAI))
    return Untold(number, kind, module, subject, tuple(owners), what, do, step, *times, said_step, keys)
