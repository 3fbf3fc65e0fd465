"""The request budget of one credential, shared by every process on every worker.

Every pull is a new process, so a limiter in memory would limit nothing: slots and tickets live in PostgreSQL.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from psycopg2.extras import Json

from jst.clock import Clock
from jst.control.api_calls import ApiCalls
from jst.control.budget_use import BudgetUse
from jst.control.database import Cursor, Database, one
from jst.control.rate_limit import SLOWEST_PACE, RateLimit, per_minute, used_of
from jst.erp.budget import Rate
from jst.erp.call_outcome import Call
from jst.errors import Refused, Retry, Where
from jst.model.words import Origin

LONGEST_WAIT_SECONDS = 60.0
"""How long a caller waits for its slot; beyond that it is refused and has to come back."""
LONGEST_PAUSE_SECONDS = 40.0
"""The longest pause that refusals in a row lead to, unless the source asks for more."""
STORM_PAUSE_SECONDS = 120.0
"""A pause this long is a storm by itself; a minute's limit (code 200) alone makes one of 60."""
PATIENCE_SECONDS: dict[Origin, float] = {
    "live": 0.0, "gap": 4.0, "refresh": 2.0, "redrive": 5.0, "reconcile": 10.0, "backfill": 20.0, "initial": 20.0
}  # fmt: skip
"""How long an origin only uses slots that no other wants, before it queues like live; the highest priority first."""
_STEP_SECONDS = 0.004
"""How much later an origin tries for a free slot than the origin before it."""
_AHEAD_SECONDS = 0.03
"""How long before a slot a caller that does not reserve may get it: after it, it would be used too late."""

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

    Live reserves the next slot at once. Every other origin tries again until one is free that is not reserved, and
    reserves like live when its patience is over, so that none starves.
    """

    def __init__(
        self, database: Database, credential: str, clock: Clock, longest_wait: float = LONGEST_WAIT_SECONDS
    ) -> None:
        self._db, self._credential, self._clock, self._longest = database, credential, clock, longest_wait
        self._use, self._calls = BudgetUse(database, credential), ApiCalls(database)
        self._rates_written: dict[str, Sequence[Rate]] = {}

    def wait_for_slot(self, bucket: str, rates: Sequence[Rate], origin: Origin, /) -> int:
        """Wait for a slot of ``bucket`` that keeps all ``rates`` of the contract; returns the ticket.

        Raises Refused when the next slot is more than ``longest_wait`` seconds away: a worker or a thread is not for
        sleeping.
        """
        patience, rank = PATIENCE_SECONDS[origin], list(PATIENCE_SECONDS).index(origin)
        if self._rates_written.get(bucket) != rates:
            self._write_rates(bucket, rates)
        began = self._clock.monotonic()
        while True:
            left = began + patience - self._clock.monotonic()
            ticket, wait, now = self._db.transaction(partial(self._try_slot, bucket, rates, left <= 0))
            if ticket:
                if wait > 0:
                    self._clock.sleep(wait)
                self._use.granted(bucket, origin, now + wait, self._clock.monotonic() - began)
                self._use.write(self._clock.monotonic())
                self._calls.write(self._clock.monotonic())
                return ticket
            again = (rank + random.random()) * _STEP_SECONDS
            self._clock.sleep(min(wait + again, left))

    def _write_rates(self, bucket: str, rates: Sequence[Rate]) -> None:
        """Write down what may be used, once a process: the ledger shows it beside what is used."""
        self._db.rows(
            """INSERT INTO budget AS known (credential, bucket, rates) VALUES (%(credential)s, %(bucket)s, %(rates)s)
               ON CONFLICT (credential, bucket) DO UPDATE SET rates = excluded.rates
               WHERE known.rates <> excluded.rates""",
            credential=self._credential, bucket=bucket, rates=Json(used_of(rates)),
        )  # fmt: skip
        self._rates_written[bucket] = rates

    def _try_slot(self, bucket: str, rates: Sequence[Rate], reserving: bool, cur: Cursor) -> tuple[int, float, float]:
        """Return a ticket, the seconds until its slot, and the moment; without a ticket (0), the seconds until trying
        again makes sense."""
        limit, now = self._locked_state(cur, bucket)
        wait = limit.opens(rates, reserving=reserving) - now
        if wait > self._longest:
            raise _too_long(bucket, wait)
        if wait > _AHEAD_SECONDS and not reserving:
            return 0, wait - _AHEAD_SECONDS, now
        after = limit.granted(rates, max(now, now + wait))
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
        """Return the requests a minute that are granted while no other process makes any, at the pace refusals have
        left."""
        rows = self._db.rows(
            "SELECT pace FROM budget WHERE credential = %(credential)s AND bucket = %(bucket)s",
            credential=self._credential, bucket=bucket,
        )  # fmt: skip
        return per_minute(rates, rows[0][0] if rows else 1.0)

    def _locked_state(self, cur: Cursor, bucket: str) -> tuple[RateLimit, float]:
        """Return the bucket's state, locked, and the moment it was."""
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
        """Note that the source said "too fast": no request of this bucket for ``after`` seconds, and then all more
        slowly. While more than half is refused the pauses double, up to 40 s: a client that does not stop is banned."""
        rows = self._db.rows(
            _REFUSED, credential=self._credential, bucket=bucket, after=after, slowest=SLOWEST_PACE,
            longest=LONGEST_PAUSE_SECONDS,
        )  # fmt: skip
        for (at,) in rows:
            self._use.refused(bucket, origin, at)
            self._use.write(self._clock.monotonic(), every=0.0)

    def answered(self, call: Call, /) -> None:
        """Count how a request ended; written down with a later request's slot, a few seconds old at most."""
        self._calls.count(call, self._clock.now())

    def storm(self, bucket: str, /) -> str:
        """Return why ``bucket`` should be used rarely; empty when it need not."""
        paused = self._db.rows(
            """SELECT extract(epoch FROM next_at - clock_timestamp())::int FROM budget
               WHERE credential = %(credential)s AND bucket = %(bucket)s
                 AND next_at > clock_timestamp() + %(longest)s * interval '1 second'""",
            credential=self._credential, bucket=bucket, longest=STORM_PAUSE_SECONDS,
        )  # fmt: skip
        return f"源端要求暂停，还有 {paused[0][0]} 秒" if paused else self._use.storm(bucket)

    def close(self) -> None:
        """Write down what is counted; the connection stays open. A failure is ignored: figures are not worth failing
        for."""
        with suppress(Retry):
            self._use.write(self._clock.monotonic(), every=0.0)
            self._calls.write(self._clock.monotonic(), every=0.0)


def _too_long(bucket: str, wait: float) -> Refused:
    return Refused(
        f"下一个请求名额在 {wait:.0f} 秒以后（源端要求暂停，或等候的请求太多）",
        do="计划保留，到时自动继续；长时间如此时核对合同中的调用额度",
        where=Where(endpoint=bucket),
        after=wait,
    )
