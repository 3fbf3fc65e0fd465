"""Keep which run of a live feed watches its source, which one reads, and how the next one takes over."""

from __future__ import annotations

from typing import Literal

from psycopg2.extensions import connection

from jst.control.database import Cursor, Database, one
from jst.control.lock_numbers import READING
from jst.errors import Retry

Role = Literal["lead", "relieve", "wait"]
LEASE_SECONDS = 60.0
"""How long a turn is kept for a run that says nothing: longer than a task takes to start, or a plan to be read."""
STANDS_BY_SECONDS = 2.0
"""Who waits to read says so several times a second."""


class Turns:
    """The turns of all live feeds. Two runs of each are active: one reads, the next one waits for its turn.

    Reading itself is a session lock of PostgreSQL: it goes with its process, so one that is killed keeps no other
    from reading, and two never read at once. Every change may be repeated.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._sessions: dict[str, connection] = {}

    def claim(self, module: str, run_id: str) -> Role:
        """Take the turn for a run that watches, if it is free. ``lead``: it is this run's, who looks at the source;
        ``relieve``: it was another's, who goes on reading until this run is ready to; ``wait``: it is another's."""

        def work(cur: Cursor) -> Role:
            mine, alive, relieved = _standing(cur, module, run_id)
            if not mine and alive and not relieved:
                return "wait"
            _take(cur, module, run_id)
            return "relieve" if alive and relieved and not mine else "lead"

        return self._db.transaction(work)

    def leave(self, module: str, run_id: str) -> None:
        """Give the turn up, if it is this run's: another one may have it at once."""
        self._db.rows(
            """UPDATE turn SET until = clock_timestamp(), relief_at = NULL
               WHERE module = %(module)s AND run_id = %(run_id)s""",
            module=module, run_id=run_id,
        )  # fmt: skip

    def begin_reading(self, module: str, run_id: str, relief_after: float) -> bool:
        """Begin to read, unless another process does; the next run may get ready after ``relief_after`` seconds. A run
        that was cleared goes before the one whose turn it is: it has little to do, and may have waited long."""

        def work(cur: Cursor) -> bool:
            mine, alive, _ = _standing(cur, module, run_id)
            if alive and not mine:
                cur.execute("UPDATE turn SET cleared_at = clock_timestamp() WHERE module = %s", (module,))
                if locked := self._lock(cur, module):
                    cur.execute("UPDATE turn SET cleared_at = NULL WHERE module = %s", (module,))
                return locked
            _take(cur, module, run_id)
            cur.execute("UPDATE turn SET ready_at = clock_timestamp() WHERE module = %s", (module,))
            if _stands_by(cur, module, "cleared_at") or not self._lock(cur, module):
                return False
            cur.execute(
                """UPDATE turn SET ready_at = NULL, relief_at = clock_timestamp() + %s * interval '1 second'
                   WHERE module = %s""",
                (relief_after, module),
            )
            return True

        return self._db.transaction(work)

    def goes_on(self, module: str, run_id: str) -> bool:
        """Say whether this run goes on reading: the next one is not ready yet, and the lock was not lost with its
        session."""

        def work(cur: Cursor) -> bool:
            if cur.connection is not self._sessions.get(module) and not self._lock(cur, module):
                mine, _, _ = _standing(cur, module, run_id)
                if mine and not _stands_by(cur, module, "ready_at"):
                    raise Retry(
                        "实时读取的锁随控制库的连接中断而失去",
                        do="会自动重试，无需处理", server="PostgreSQL", after=1.0,
                    )  # fmt: skip
                return False
            cur.execute(
                """UPDATE turn SET until = clock_timestamp() + %s * interval '1 second'
                   WHERE module = %s AND run_id = %s""",
                (LEASE_SECONDS, module, run_id),
            )
            return cur.rowcount > 0 or not _stands_by(cur, module, "ready_at")

        return self._db.transaction(work)

    def end_reading(self, module: str, run_id: str) -> None:
        """Let another process read."""

        def work(cur: Cursor) -> None:
            if cur.connection is self._sessions.get(module):
                cur.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (READING, module))
                cur.execute("RESET idle_session_timeout")

        self._db.transaction(work)
        self._sessions.pop(module, None)
        self.leave(module, run_id)

    def _lock(self, cur: Cursor, module: str) -> bool:
        cur.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (READING, module))
        locked = bool(one(cur)[0])
        if locked:
            self._sessions[module] = cur.connection
            # a frozen process must not keep others from reading
            cur.execute("SET idle_session_timeout = %s", (f"{LEASE_SECONDS:.0f}s",))
        return locked


def _standing(cur: Cursor, module: str, run_id: str) -> tuple[bool, bool, bool]:
    """Return whether the turn is this run's, whether a run keeps it, and whether the next run may get ready."""
    cur.execute(
        "INSERT INTO turn (module, run_id, until) VALUES (%s, '', clock_timestamp()) ON CONFLICT DO NOTHING", (module,)
    )
    cur.execute(
        """SELECT run_id = %s, until > clock_timestamp(), coalesce(relief_at < clock_timestamp(), false)
           FROM turn WHERE module = %s FOR UPDATE""",
        (run_id, module),
    )
    mine, alive, relieved = one(cur)
    return mine, alive, relieved


def _take(cur: Cursor, module: str, run_id: str) -> None:
    cur.execute(
        """UPDATE turn SET until = clock_timestamp() + %(lease)s * interval '1 second', run_id = %(run_id)s,
               relief_at = CASE WHEN run_id = %(run_id)s THEN relief_at END,
               ready_at = CASE WHEN run_id = %(run_id)s THEN ready_at END
           WHERE module = %(module)s""",
        {"lease": LEASE_SECONDS, "module": module, "run_id": run_id},
    )


def _stands_by(cur: Cursor, module: str, column: Literal["ready_at", "cleared_at"]) -> bool:
    cur.execute(
        f"""SELECT coalesce({column} > clock_timestamp() - %s * interval '1 second', false)
            FROM turn WHERE module = %s""",
        (STANDS_BY_SECONDS, module),
    )
    return bool(one(cur)[0])
