"""Keep how far a replay of Kafka's records is, so that a killed one goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jst.control.database import Cursor, Database
from jst.model.plan import Offsets


@dataclass(frozen=True, slots=True)
class ReplayProgress:
    """A replay. ``whole``: the range a run set out to replay; ``left``: what of it is still to be done, empty at the
    end."""

    whole: Offsets
    left: Offsets

    @property
    def records(self) -> int:
        """Offsets of the whole range, and with it records: nothing but records takes offsets in our topics."""
        return count(self.whole)

    @property
    def done(self) -> int:
        return self.records - count(self.left)


def count(offsets: Offsets) -> int:
    """Count the offsets of all partitions."""
    return sum(end - first for first, end in offsets.values())


class ReplayLog:
    """The ranges of replays: one per run and module, written down before the first record is loaded."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def standing(self, run_id: str, module: str) -> ReplayProgress | None:
        """Return a run's progress; None for a run that has not begun."""
        rows = self._db.rows(
            'SELECT "partition", first, next, until FROM rebuild WHERE run_id = %(run_id)s AND module = %(module)s',
            run_id=run_id,
            module=module,
        )
        whole = {partition: (first, until) for partition, first, _, until in rows}
        return (
            ReplayProgress(whole, {p: (next_, until) for p, _, next_, until in rows if next_ < until}) if rows else None
        )

    def start(self, run_id: str, module: str, offsets: Offsets) -> ReplayProgress:
        """Write the range down, to be replayed from its beginning; over one that was replayed already, too."""

        def work(cur: Cursor) -> None:
            cur.execute("DELETE FROM rebuild WHERE run_id = %s AND module = %s", (run_id, module))
            for partition, (first, until) in offsets.items():
                cur.execute(
                    'INSERT INTO rebuild (run_id, module, "partition", first, next, until)'
                    " VALUES (%s, %s, %s, %s, %s, %s)",
                    (run_id, module, partition, first, first, until),
                )

        self._db.transaction(work)
        return ReplayProgress(dict(offsets), {p: (first, end) for p, (first, end) in offsets.items() if first < end})

    def extend(self, run_id: str, module: str, ends: Mapping[int, int]) -> ReplayProgress:
        """Let the range go on to these offsets of its partitions."""

        def work(cur: Cursor) -> None:
            for partition, end in ends.items():
                cur.execute(
                    """UPDATE rebuild SET until = greatest(until, %s)
                       WHERE run_id = %s AND module = %s AND "partition" = %s""",
                    (end, run_id, module, partition),
                )

        self._db.transaction(work)
        standing = self.standing(run_id, module)
        if standing is None:
            raise LookupError(f"{run_id} of {module} has not begun")
        return standing

    def advance(self, run_id: str, module: str, chunk: Offsets) -> None:
        """Note that these offsets are visible in the wide table."""

        def work(cur: Cursor) -> None:
            for partition, (_, end) in chunk.items():
                cur.execute(
                    """UPDATE rebuild SET next = greatest(next, %s), updated_at = clock_timestamp()
                       WHERE run_id = %s AND module = %s AND "partition" = %s""",
                    (end, run_id, module, partition),
                )

        self._db.transaction(work)

    def pace(self, module: str) -> float | None:
        """Return the records a second of the module's last finished replay; None when none took longer than a
        second."""
        ((pace,),) = self._db.rows(
            """SELECT (SELECT sum(until - first) / extract(epoch FROM max(updated_at) - min(created_at))::float
                       FROM rebuild WHERE module = %(module)s GROUP BY run_id
                       HAVING bool_and(next = until) AND max(updated_at) > min(created_at) + interval '1 second'
                       ORDER BY max(updated_at) DESC LIMIT 1)""",
            module=module,
        )
        return None if pace is None else float(pace)
