"""Keep which tasks fail, since when and why, until they succeed: a shift ends, its trouble does not.

The ledger reads the rows. Trouble of the control database itself is not written here: the ledger notices it by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from jst.control.database import Database, storable
from jst.control.incidents import Incidents
from jst.errors import JstError, Misconfigured, Refused, Retry, Unproven
from jst.model.words import TroubledTask, TroubleNature

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 90.0
"""How long tries may fail before the task is red."""
FORGOTTEN_AFTER = timedelta(minutes=15)
"""Without a try for so long (the longest hold-back is 5 minutes) a feed was paused by a person: what was before says
nothing of now."""
INCIDENT = "server_away"
"""Kind of the one incident of a server that does not answer, whatever number of modules wait for it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Trouble that stands: what happened, and for how many seconds."""

    what: str
    seconds: float


class Troubles:
    """The troubles of all modules; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db, self._incidents = database, Incidents(database)

    def note(self, module: str, task: TroubledTask, run_id: str, error: JstError) -> float:
        """Note that a try has failed; returns for how many seconds none has succeeded."""
        ((lasting,),) = self._db.rows(
            """INSERT INTO trouble AS known (module, task, nature, server, run_id, what, place, "do")
               VALUES (%(module)s, %(task)s, %(nature)s, %(server)s, %(run_id)s, %(what)s, %(place)s, %(do)s)
               ON CONFLICT (module, task) DO UPDATE
               SET nature = excluded.nature, server = excluded.server, run_id = excluded.run_id, what = excluded.what,
                   place = excluded.place, "do" = excluded."do", seen_at = clock_timestamp(),
                   (tries, since) = (SELECT known.tries + 1, known.since
                                     WHERE known.seen_at > clock_timestamp() - %(forgotten)s
                                     UNION ALL SELECT 1, clock_timestamp() LIMIT 1)
               RETURNING extract(epoch FROM clock_timestamp() - since)::float8""",
            module=module, task=task, nature=_nature(error), server=error.server, run_id=run_id,
            what=storable(error.what), place=str(error.where), do=storable(error.do), forgotten=FORGOTTEN_AFTER,
        )  # fmt: skip
        if lasting > PATIENCE_SECONDS and error.server and _nature(error) == "passing":
            self._incidents.open(INCIDENT, "", error.server, error.what, error.do)
        return float(lasting)

    def over(self, module: str, task: TroubledTask) -> bool:
        """Note that a try has succeeded, and close the incident of each server that no module waits for any more;
        returns whether there had been trouble."""
        gone = self._db.rows(
            "DELETE FROM trouble WHERE module = %(module)s AND task = %(task)s RETURNING 1", module=module, task=task
        )
        self._db.rows(
            """UPDATE incident SET closed_at = clock_timestamp()
               WHERE kind = %(kind)s AND closed_at IS NULL
                 AND NOT EXISTS (SELECT FROM trouble WHERE server = incident.subject)""",
            kind=INCIDENT,
        )
        return bool(gone)

    def standing(self, module: str = "", server: str = "") -> Standing | None:
        """Return the oldest trouble of the module, or at the server; None when there is none."""
        rows = self._db.rows(
            """SELECT what, extract(epoch FROM clock_timestamp() - since)::float8 FROM trouble
               WHERE %(module)s IN ('', module) AND %(server)s IN ('', server)
                 AND seen_at > clock_timestamp() - %(forgotten)s ORDER BY since LIMIT 1""",
            module=module, server=server, forgotten=FORGOTTEN_AFTER,
        )  # fmt: skip
        return Standing(*rows[0]) if rows else None

    @contextmanager
    def of(self, module: str, task: TroubledTask, run_id: str) -> Iterator[None]:
        """Note the error that ends the work within it, and its success."""
        trouble = TaskTrouble(self, module, task, run_id)
        try:
            yield
        except JstError as error:
            trouble.note(error)
            raise
        trouble.over()


class TaskTrouble:
    """The trouble of one task of a module, which the next run goes on counting."""

    def __init__(self, troubles: Troubles, module: str, task: TroubledTask, run_id: str) -> None:
        self._troubles, self.module, self._task, self.run_id = troubles, module, task, run_id
        self._may_stand = True  # an earlier run may have left some
        self.stands = False

    def note(self, error: JstError, otherwise: float = 0.0) -> float:
        """Note that a try has failed; returns for how many seconds none has succeeded, ``otherwise`` where the control
        database itself is away: it cannot be written there."""
        self._may_stand = self.stands = True
        if error.server == "PostgreSQL":
            return otherwise
        try:
            return self._troubles.note(self.module, self._task, self.run_id, error)
        except Retry as away:
            log.warning("%s", away)
            return otherwise

    def over(self) -> bool:
        """Note that a try has succeeded; returns whether there had been trouble."""
        if not self._may_stand:
            return False
        gone = self._troubles.over(self.module, self._task)
        self._may_stand = self.stands = False
        return gone


def _nature(error: JstError) -> TroubleNature:
    if isinstance(error, Refused):
        return "refused"
    return "hopeless" if isinstance(error, Misconfigured | Unproven) else "passing"
