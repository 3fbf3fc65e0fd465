"""How each live feed is doing: hold-back after failures, and whether a shift's pull has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jst.clock import SHANGHAI
from jst.control.database import Database

FIRST_HOLD_SECONDS = 10
LONGEST_HOLD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing new starts before ``until``, except by the run that failed: a person who clears it wants it now."""

    until: datetime
    run_id: str
    reason: str


class Feeds:
    def __init__(self, database: Database) -> None:
        self._db = database

    def failed(self, module: str, run_id: str, reason: str, *, hopeless: bool) -> Hold:
        """A run failed: 10 s, 20 s … 5 min; 5 minutes at once when trying again cannot help.

        Several failures of one run (pull and load) count once.
        """
        ((until,),) = self._db.rows(
            """INSERT INTO feed AS f (module, failures, hold_until, hold_run, reason)
               VALUES (%(module)s, 1, clock_timestamp() + make_interval(secs => CASE WHEN %(hopeless)s THEN %(most)s
                       ELSE %(first)s END), %(run_id)s, %(reason)s)
               ON CONFLICT (module) DO UPDATE SET
                   failures = f.failures + (f.hold_run <> excluded.hold_run)::int,
                   hold_until = clock_timestamp() + make_interval(secs => CASE WHEN %(hopeless)s THEN %(most)s
                       ELSE least(%(most)s, %(first)s * 2 ^ least(20,
                            f.failures + (f.hold_run <> excluded.hold_run)::int - 1)) END),
                   hold_run = excluded.hold_run, reason = excluded.reason
               RETURNING hold_until""",
            module=module, run_id=run_id, reason=reason[:2000], hopeless=hopeless,
            first=FIRST_HOLD_SECONDS, most=LONGEST_HOLD_SECONDS,
        )  # fmt: skip
        return Hold(until.astimezone(SHANGHAI), run_id, reason)

    def healthy(self, module: str) -> None:
        """Data flowed: forget earlier failures."""
        self._db.rows("UPDATE feed SET failures = 0, hold_until = NULL WHERE module = %(module)s", module=module)

    def hold(self, module: str, run_id: str) -> tuple[Hold, float] | None:
        """The hold-back this run has to respect, with the seconds left; None when it may start."""
        rows = self._db.rows(
            """SELECT hold_until, hold_run, reason, extract(epoch FROM hold_until - clock_timestamp())::float
               FROM feed WHERE module = %(module)s AND hold_run <> %(run_id)s AND hold_until > clock_timestamp()""",
            module=module, run_id=run_id,
        )  # fmt: skip
        if not rows:
            return None
        until, run, reason, left = rows[0]
        return Hold(until.astimezone(SHANGHAI), run, reason), left

    def shift_ended(self, module: str, run_id: str) -> datetime | None:
        """When this run's pull last came to its end; None while it never has."""
        rows = self._db.rows(
            "SELECT ended_at FROM shift WHERE module = %(module)s AND run_id = %(run_id)s", module=module, run_id=run_id
        )
        return rows[0][0].astimezone(SHANGHAI) if rows else None

    def end_shift(self, module: str, run_id: str) -> None:
        self._db.rows(
            """INSERT INTO shift (module, run_id, ended_at) VALUES (%(module)s, %(run_id)s, clock_timestamp())
               ON CONFLICT (module, run_id) DO UPDATE SET ended_at = excluded.ended_at""",
            module=module, run_id=run_id,
        )  # fmt: skip
