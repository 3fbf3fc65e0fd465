"""Keep what is not to be said: a rule, or one subject of it, until a moment, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jst.control.database import Cursor, Database, storable


@dataclass(frozen=True, slots=True)
class AlertSilence:
    """A silence in force. ``rule``: name in alerts.yaml; ``subject``: of an incident, '' all of the rule."""

    silence_id: int
    rule: str
    subject: str
    reason: str
    made_by: str
    made_at: datetime
    until: datetime

    def covers(self, rule: str, subject: str) -> bool:
        """Say whether an incident is not to be said."""
        return self.rule == rule and self.subject in ("", subject)


class Silences:
    """All silences; every change may be repeated. Times are aware."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def make(self, rule: str, subject: str, reason: str, by: str, now: datetime, until: datetime) -> None:
        """Silence a rule or one subject; the same person's same silence again makes it longer, with that reason. It is
        never made shorter, so that an older run that is cleared ends no newer silence; ``lift`` ends one."""
        self._db.rows(
            """WITH known AS (
                   UPDATE silence SET until = greatest(until, %(until)s),
                          reason = CASE WHEN until < %(until)s THEN %(reason)s ELSE reason END
                   WHERE rule = %(rule)s AND subject = %(subject)s AND made_by = %(by)s AND lifted_at IS NULL
                     AND until > %(now)s RETURNING 1)
               INSERT INTO silence (rule, subject, reason, made_by, made_at, until)
               SELECT %(rule)s, %(subject)s, %(reason)s, %(by)s, %(now)s, %(until)s
               WHERE NOT EXISTS (SELECT FROM known)""",
            rule=rule, subject=storable(subject), reason=storable(reason), by=storable(by), now=now, until=until,
        )  # fmt: skip

    def lift(self, silence_id: int, by: str, now: datetime) -> None:
        """End a silence now; one that is over stays as it is."""
        self._db.rows(
            """UPDATE silence SET lifted_at = %(now)s, lifted_by = %(by)s
               WHERE silence_id = %(silence)s AND lifted_at IS NULL AND until > %(now)s""",
            silence=silence_id, by=storable(by), now=now,
        )  # fmt: skip

    def standing(self, now: datetime) -> list[AlertSilence]:
        """Return the silences in force, those that end first first."""
        return self._db.transaction(lambda cur: silences_within(cur, now))


def silences_within(cur: Cursor, now: datetime) -> list[AlertSilence]:
    """Return the silences in force, within the caller's transaction."""
    cur.execute(
        """SELECT silence_id, rule, subject, reason, made_by, made_at, until FROM silence
           WHERE lifted_at IS NULL AND until > %s ORDER BY until, silence_id""",
        (now,),
    )
    return [AlertSilence(*row) for row in cur.fetchall()]
