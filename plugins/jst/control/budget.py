"""The request budget of one credential, shared by every process on every worker (architecture D9).

Every pull is a new process, so a limiter in memory would limit nothing: slots and tickets live in PostgreSQL.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

from psycopg2.extras import Json

from jst.clock import Clock
from jst.control.database import Cursor, Database, one
from jst.control.slots import SLOWEST, Line, per_minute
from jst.erp.budget import Rate
from jst.errors import Refused, Where

LONGEST_WAIT = 60.0
"""Seconds a caller waits for its slot; beyond that it is told to come back."""
PATIENCE = {"live": 0.0, "refresh": 2.0, "redrive": 5.0, "reconcile": 10.0, "backfill": 20.0, "initial": 20.0}
"""Seconds an origin only takes slots nobody else wants, before it queues like live; the highest priority first."""
_STEP = 0.004
"""Seconds by which an origin asks for a free slot later than the origin before it."""

_STATE = """SELECT extract(epoch FROM next_at)::float8, used, pace, extract(epoch FROM clock_timestamp())::float8
    FROM (SELECT next_at, used, pace FROM budget WHERE credential = %s AND bucket = %s FOR UPDATE) AS locked"""
_GRANT = """
WITH slot AS (
    UPDATE budget SET next_at = to_timestamp(%(slot)s), used = %(used)s, pace = %(pace)s, granted = granted + 1
    WHERE credential = %(credential)s AND bucket = %(bucket)s
)
INSERT INTO credential AS c (credential, ticket) VALUES (%(credential)s, 1)
ON CONFLICT (credential) DO UPDATE SET ticket = c.ticket + 1 RETURNING ticket"""


class PostgresBudget:
    """Grants requests at an even spacing and numbers them. The number (ticket) only ever grows.

    Live reserves the next slot at once. Everybody else asks again until one is free that nobody has reserved, and
    reserves like live when its patience is over, so that nobody starves."""

    def __init__(self, database: Database, credential: str, clock: Clock) -> None:
        self._db, self._credential, self._clock = database, credential, clock

    def take(self, bucket: str, rates: Sequence[Rate], origin: str, /) -> int:
        """Wait for a slot of ``bucket`` that keeps all ``rates`` of the contract; returns the ticket.

        Raises Refused when the next slot is more than a minute away: a worker or a thread is not for sleeping.
        """
        patience, rank = PATIENCE[origin], list(PATIENCE).index(origin)
        began = self._clock.monotonic()
        while True:
            left = began + patience - self._clock.monotonic()
            ticket, wait = self._db.transaction(partial(self._asked, bucket, rates, left <= 0))
            if ticket:
                if wait > 0:
                    self._clock.sleep(wait)
                return ticket
            again = (rank + random.random()) * _STEP
            self._clock.sleep(min(wait + again, left))

    def _asked(self, bucket: str, rates: Sequence[Rate], reserving: bool, cur: Cursor) -> tuple[int, float]:
        """A ticket and the seconds until its slot; without a ticket (0), the seconds until asking again makes sense."""
        line, now = self._line(cur, bucket)
        wait = line.opens(rates, reserving=reserving) - now
        if wait > LONGEST_WAIT:
            raise _too_long(bucket, wait)
        if wait > 0 and not reserving:
            return 0, wait
        after = line.granted(rates, max(now, now + wait))
        cur.execute(
            _GRANT,
            {
                "credential": self._credential,
                "bucket": bucket,
                "slot": after.not_before,
                "used": Json(dict(after.used)),
                "pace": after.pace,
            },
        )
        return one(cur)[0], wait

    def per_minute(self, bucket: str, rates: Sequence[Rate]) -> float:
        """Requests a minute that are granted while nobody else asks, at the pace refusals have left."""
        rows = self._db.rows(
            "SELECT pace FROM budget WHERE credential = %(credential)s AND bucket = %(bucket)s",
            credential=self._credential, bucket=bucket,
        )  # fmt: skip
        return per_minute(rates, rows[0][0] if rows else 1.0)

    def _line(self, cur: Cursor, bucket: str) -> tuple[Line, float]:
        """The bucket's state, locked, and the moment it was."""
        key = (self._credential, bucket)
        cur.execute(_STATE, key)
        row = cur.fetchone()
        if row is None:
            cur.execute("INSERT INTO budget (credential, bucket) VALUES (%s, %s) ON CONFLICT DO NOTHING", key)
            cur.execute(_STATE, key)
            row = one(cur)
        not_before, used, pace, now = row
        return Line(not_before, used, pace), now

    def refused(self, bucket: str, after: float, /) -> None:
        """The source said "too fast": nobody asks this bucket for ``after`` seconds, and then everybody more slowly."""
        self._db.rows(
            """UPDATE budget SET refused = refused + 1, pace = greatest(pace * 0.8, %(slowest)s),
                      next_at = greatest(next_at, clock_timestamp() + %(after)s * interval '1 second')
               WHERE credential = %(credential)s AND bucket = %(bucket)s""",
            credential=self._credential, bucket=bucket, after=after, slowest=SLOWEST,
        )  # fmt: skip


def _too_long(bucket: str, wait: float) -> Refused:
    return Refused(
        f"下一个请求名额在 {wait:.0f} 秒以后（源端要求暂停，或等候的请求太多）",
        do="计划保留，到时自动继续；长时间如此时核对合同中的调用额度",
        where=Where(endpoint=bucket),
        after=wait,
    )
