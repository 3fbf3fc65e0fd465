"""Keep how each live feed is doing: hold-back after failures, and whether a shift's pull has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jst.clock import SHANGHAI
from jst.control.database import Cursor, Database, one, storable
from jst.control.degradation import Degradation
from jst.control.incidents import Incidents
from jst.control.troubles import PATIENCE_SECONDS, TaskTrouble, Troubles
from jst.control.turns import Turns
from jst.errors import JstError, Misconfigured, Refused

FIRST_HOLD_SECONDS = 10
LONGEST_HOLD_SECONDS = 300
STOPPED = "feed_stopped"
"""Kind of the incident of a feed that only a person can set going again."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait after a failure. Nothing new starts before ``until``, except by the run that failed: a person who clears
    it wants it now."""

    until: datetime
    run_id: str
    reason: str


class Holds:
    """The hold-backs of all live feeds; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._incidents = Incidents(database)
        self.degradation = Degradation(database)
        self.troubles = Troubles(database)
        self.turns = Turns(database)

    def failed(self, module: str, run_id: str, reason: str, *, hopeless: bool) -> Hold:
        """Hold back after a failed run: 10 s, 20 s … 5 min; 5 minutes at once, and an incident, when trying again
        cannot help.

        Several failures of one run (pull and load) count once, and the longest hold among them stays.
        """

        def work(cur: Cursor) -> Hold:
            cur.execute("INSERT INTO feed (module) VALUES (%s) ON CONFLICT DO NOTHING", (module,))
            cur.execute(
                """WITH before AS (
                       SELECT failures + (hold_run <> %(run_id)s)::int AS failures,
                              CASE WHEN hold_run = %(run_id)s THEN hold_until END AS held, reason
                       FROM feed WHERE module = %(module)s FOR UPDATE),
                   now AS (
                       SELECT *, clock_timestamp() + make_interval(secs => CASE WHEN %(hopeless)s THEN %(most)s
                                     ELSE least(%(most)s, %(first)s * 2 ^ least(20, failures - 1)) END) AS until
                       FROM before)
                   UPDATE feed SET failures = now.failures, hold_run = %(run_id)s,
                          hold_until = greatest(now.until, held),
                          reason = CASE WHEN held > now.until THEN now.reason ELSE %(reason)s END
                   FROM now WHERE module = %(module)s RETURNING hold_until, hold_run, feed.reason""",
                {"module": module, "run_id": run_id, "reason": storable(reason), "hopeless": hopeless,
                 "first": FIRST_HOLD_SECONDS, "most": LONGEST_HOLD_SECONDS},
            )  # fmt: skip
            until, run, why = one(cur)
            return Hold(until.astimezone(SHANGHAI), run, why)

        if hopeless:
            self._incidents.open(
                STOPPED, module, "", f"实时流停止：{reason}", "按日志改好后清除红色任务，数据恢复后自动关闭"
            )
        return self._db.transaction(work)

    def gives_up(self, trouble: TaskTrouble, error: JstError) -> bool:
        """Note that looking at the source has failed; returns whether the run must end, and the next ones hold back:
        only a person can help, or the source has not answered for 90 s."""
        lasting, hopeless = trouble.note(error), isinstance(error, Misconfigured)
        if not hopeless and (isinstance(error, Refused) or lasting <= PATIENCE_SECONDS):
            return False
        self.failed(trouble.module, trouble.run_id, str(error), hopeless=hopeless)
        return True

    def healthy(self, module: str) -> None:
        """Forget earlier failures, as data flowed; but not a hold in force: that is younger than the data."""
        mended = self._db.rows(
            """UPDATE feed SET failures = 0, hold_until = NULL, hold_run = ''
               WHERE module = %(module)s AND hold_until <= clock_timestamp() RETURNING 1""",
            module=module,
        )
        if mended:
            self._incidents.close(STOPPED, module, "")

    def lift(self, module: str = "", run_id: str = "") -> None:
        """Let every feed try at once, or only the one that this run's failure holds back, once it is cleared. What
        it waited for stays an incident until data flow."""
        self._db.rows(
            """UPDATE feed SET hold_until = clock_timestamp()
               WHERE hold_until > clock_timestamp() AND %(module)s IN ('', module) AND %(run_id)s IN ('', hold_run)""",
            module=module, run_id=run_id,
        )  # fmt: skip

    def hold(self, module: str, run_id: str) -> tuple[Hold, float] | None:
        """Return the hold-back this run has to respect, with the seconds left; None when it may start."""
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
        """Return when this run's pull last came to its end; None while it never has."""
        rows = self._db.rows(
            "SELECT ended_at FROM shift WHERE module = %(module)s AND run_id = %(run_id)s", module=module, run_id=run_id
        )
        return rows[0][0].astimezone(SHANGHAI) if rows else None

    def end_shift(self, module: str, run_id: str) -> None:
        """Note that this run's pull has come to its end."""
        self._db.rows(
            """INSERT INTO shift (module, run_id, ended_at) VALUES (%(module)s, %(run_id)s, clock_timestamp())
               ON CONFLICT (module, run_id) DO UPDATE SET ended_at = excluded.ended_at""",
            module=module, run_id=run_id,
        )  # fmt: skip
