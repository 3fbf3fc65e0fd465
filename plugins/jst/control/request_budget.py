"""The request budget of one credential, shared by every process on every worker (architecture D9).

Every pull is a new process, so a limiter in memory would limit nothing: slots and tickets live in PostgreSQL.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from psycopg2.extras import Json

from jst.clock import Clock
from jst.control.budget_use import BudgetUse
from jst.control.database import Cursor, Database, one
from jst.control.rate_limit import SLOWEST, RateLimit, per_minute, used_of
from jst.erp.budget import Rate
from jst.errors import Refused, Retry, Where
from jst.model.words import Origin

LONGEST_WAIT = 60.0
"""Seconds a caller waits for its slot; beyond that it is told to come back."""
LONGEST_PAUSE = 40.0
"""Seconds to which refusals in a row lengthen the pause, unless the source asks for more."""
STORM_PAUSE = 120.0
"""Seconds of a pause that is a storm by itself; a minute's limit (code 200) alone makes one of 60."""
PATIENCE: dict[Origin, float] = {
    "live": 0.0, "gap": 4.0, "refresh": 2.0, "redrive": 5.0, "reconcile": 10.0, "backfill": 20.0, "initial": 20.0
}  # fmt: skip
"""Seconds an origin only takes slots nobody else wants, before it queues like live; the highest priority first."""
_STEP = 0.004
"""Seconds by which an origin asks for a free slot later than the origin before it."""
_AHEAD = 0.03
"""Seconds before a slot at which it may be taken by whoever does not reserve: after it, it would be used too late."""

_STATE = """SELECT extract(epoch FROM next_at)::float8, used, pace, extract(epoch FROM clock_timestamp())::float8
    FROM (SELECT next_at, used, pace FROM budget WHERE credential = %s AND bucket = %s FOR UPDATE) AS locked"""
_GRANT = """
WITH slot AS (
    UPDATE budget SET next_at = to_timestamp(%(slot)s), used = %(used)s, pace = %(pace)s,
           granted = granted + 1, trouble = greatest(trouble - 0.5, 0)
    WHERE credential = %(credential)s AND bucket = %(bucket)s
)
INSERT INTO credential AS c (credential, ticket) VALUES (%(credential)s, 1)
ON CONFLICT (credential) DO UPDATE SET ticket = c.ticket + 1 RETURNING ticket"""
_REFUSED = """
UPDATE budget SET refused = refused + 1, pace = greatest(pace * 0.8, %(slowest)s), trouble = least(trouble + 1, 6),
       next_at = greatest(next_at, clock_timestamp() + interval '1 second' *
                          greatest(%(after)s, least(%(after)s * 2 ^ trouble, %(longest)s)))
WHERE credential = %(credential)s AND bucket = %(bucket)s RETURNING extract(epoch FROM clock_timestamp())::float8"""


class PostgresBudget:
    """Grants requests at an even spacing and numbers them. The number (ticket) only ever grows.

    Live reserves the next slot at once. Everybody else asks again until one is free that nobody has reserved, and
    reserves like live when its patience is over, so that nobody starves."""

    def __init__(self, database: Database, credential: str, clock: Clock) -> None:
        self._db, self._credential, self._clock = database, credential, clock
        self._account = BudgetUse(database, credential)
        self._told: dict[str, Sequence[Rate]] = {}

    def take(self, bucket: str, rates: Sequence[Rate], origin: Origin, /) -> int:
        """Wait for a slot of ``bucket`` that keeps all ``rates`` of the contract; returns the ticket.

        Raises Refused when the next slot is more than a minute away: a worker or a thread is not for sleeping.
        """
        patience, rank = PATIENCE[origin], list(PATIENCE).index(origin)
        if self._told.get(bucket) != rates:
            self._tell(bucket, rates)
        began = self._clock.monotonic()
        while True:
            left = began + patience - self._clock.monotonic()
            ticket, wait, now = self._db.transaction(partial(self._asked, bucket, rates, left <= 0))
            if ticket:
                if wait > 0:
                    self._clock.sleep(wait)
                self._account.granted(bucket, origin, now + wait, self._clock.monotonic() - began)
                self._account.write(self._clock.monotonic())
                return ticket
            again = (rank + random.random()) * _STEP
            self._clock.sleep(min(wait + again, left))

    def _tell(self, bucket: str, rates: Sequence[Rate]) -> None:
        """Write down what may be used, once a process: people want to see it beside what is used."""
        self._db.rows(
            """INSERT INTO budget AS known (credential, bucket, rates) VALUES (%(credential)s, %(bucket)s, %(rates)s)
               ON CONFLICT (credential, bucket) DO UPDATE SET rates = excluded.rates
               WHERE known.rates <> excluded.rates""",
            credential=self._credential, bucket=bucket, rates=Json(used_of(rates)),
        )  # fmt: skip
        self._told[bucket] = rates

    def _asked(self, bucket: str, rates: Sequence[Rate], reserving: bool, cur: Cursor) -> tuple[int, float, float]:
        """A ticket, the seconds until its slot, and the moment; without a ticket (0), the seconds until asking again
        makes sense."""
        line, now = self._line(cur, bucket)
        wait = line.opens(rates, reserving=reserving) - now
        if wait > LONGEST_WAIT:
            raise _too_long(bucket, wait)
        if wait > _AHEAD and not reserving:
            return 0, wait - _AHEAD, now
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
        return one(cur)[0], max(wait, 0.0), now

    def per_minute(self, bucket: str, rates: Sequence[Rate]) -> float:
        """Requests a minute that are granted while nobody else asks, at the pace refusals have left."""
        rows = self._db.rows(
            "SELECT pace FROM budget WHERE credential = %(credential)s AND bucket = %(bucket)s",
            credential=self._credential, bucket=bucket,
        )  # fmt: skip
        return per_minute(rates, rows[0][0] if rows else 1.0)

    def _line(self, cur: Cursor, bucket: str) -> tuple[RateLimit, float]:
        """The bucket's state, locked, and the moment it was."""
        key = (self._credential, bucket)
        cur.execute(_STATE, key)
        row = cur.fetchone()
        if row is None:
            cur.execute("INSERT INTO budget (credential, bucket) VALUES (%s, %s) ON CONFLICT DO NOTHING", key)
            cur.execute(_STATE, key)
            row = one(cur)
        not_before, used, pace, now = row
        return RateLimit(not_before, used, pace), now

    def refused(self, bucket: str, after: float, origin: Origin, /) -> None:
        """The source said "too fast": nobody asks this bucket for ``after`` seconds, and then everybody more slowly.
        While more than half is refused the pauses double, up to 40 s: who does not stop is banned."""
        rows = self._db.rows(
            _REFUSED, credential=self._credential, bucket=bucket, after=after, slowest=SLOWEST, longest=LONGEST_PAUSE
        )
        for (at,) in rows:
            self._account.refused(bucket, origin, at)
            self._account.write(self._clock.monotonic(), every=0.0)

    def storm(self, bucket: str, /) -> str:
        """Why ``bucket`` should be asked rarely; empty when it need not."""
        paused = self._db.rows(
            """SELECT extract(epoch FROM next_at - clock_timestamp())::int FROM budget
               WHERE credential = %(credential)s AND bucket = %(bucket)s
                 AND next_at > clock_timestamp() + %(longest)s * interval '1 second'""",
            credential=self._credential, bucket=bucket, longest=STORM_PAUSE,
        )  # fmt: skip
        return f"源端要求暂停，还有 {paused[0][0]} 秒" if paused else self._account.storm(bucket)

    def close(self) -> None:
        """Write down what is counted; the connection stays open. Figures are not worth failing for."""
        with suppress(Retry):
            self._account.write(self._clock.monotonic(), every=0.0)


def _too_long(bucket: str, wait: float) -> Refused:
    return Refused(
        f"下一个请求名额在 {wait:.0f} 秒以后（源端要求暂停，或等候的请求太多）",
        do="计划保留，到时自动继续；长时间如此时核对合同中的调用额度",
        where=Where(endpoint=bucket),
        after=wait,
    )
