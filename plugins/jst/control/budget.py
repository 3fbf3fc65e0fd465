"""The request budget of one credential, shared by every process on every worker (architecture D9).

Every pull is a new process, so a limiter in memory would limit nothing: slots and tickets live in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence

from jst.clock import Clock
from jst.control.database import Cursor, Database, one
from jst.erp.budget import Rate
from jst.errors import Refused, Where

HEADROOM = 0.9
"""Share of the contract we use: the source counts by its own clock, and requests jitter on the way."""


LONGEST_WAIT = 60.0
"""Seconds a caller waits for its slot; beyond that it is told to come back."""


class PostgresBudget:
    """Grants requests at an even spacing and numbers them. The number (ticket) only ever grows."""

    def __init__(self, database: Database, credential: str, clock: Clock) -> None:
        self._db, self._credential, self._clock = database, credential, clock

    def take(self, bucket: str, rates: Sequence[Rate], origin: str) -> int:
        """Wait for a slot of ``bucket`` that keeps all rates; returns the ticket.

        Raises Refused when the next slot is more than a minute away: a worker or a thread is not for sleeping.
        """
        spacing = max(rate.seconds / (rate.requests * HEADROOM) for rate in rates)

        def work(cur: Cursor) -> tuple[int, float]:
            cur.execute(
                """INSERT INTO credential AS c (credential, ticket) VALUES (%s, 1)
                   ON CONFLICT (credential) DO UPDATE SET ticket = c.ticket + 1 RETURNING ticket""",
                (self._credential,),
            )
            (ticket,) = one(cur)
            cur.execute(
                """INSERT INTO budget AS b (credential, endpoint, next_at, granted)
                   VALUES (%(credential)s, %(endpoint)s, clock_timestamp() + %(spacing)s * interval '1 second', 1)
                   ON CONFLICT (credential, endpoint) DO UPDATE SET granted = b.granted + 1,
                       next_at = greatest(b.next_at, clock_timestamp()) + %(spacing)s * interval '1 second'
                   WHERE b.next_at <= clock_timestamp() + %(most)s * interval '1 second'
                   RETURNING extract(epoch FROM next_at - clock_timestamp())::float - %(spacing)s""",
                {"credential": self._credential, "endpoint": bucket, "spacing": spacing, "most": LONGEST_WAIT},
            )
            granted = cur.fetchone()
            if granted is None:
                raise self._too_long(bucket)
            return ticket, granted[0]

        ticket, wait = self._db.transaction(work)
        if wait > 0:
            self._clock.sleep(wait)
        return ticket

    def _too_long(self, bucket: str) -> Refused:
        return Refused(
            f"接口的下一个请求名额在 {LONGEST_WAIT:.0f} 秒以后（源端要求暂停）",
            do="计划保留，到时自动继续；长时间如此时核对合同中的调用额度",
            where=Where(endpoint=bucket),
            after=LONGEST_WAIT,
        )

    def refused(self, bucket: str, after: float) -> None:
        """The source said "too fast": nobody asks this endpoint again for ``after`` seconds."""
        self._db.rows(
            """UPDATE budget SET refused = refused + 1,
                      next_at = greatest(next_at, clock_timestamp() + %(after)s * interval '1 second')
               WHERE credential = %(credential)s AND endpoint = %(endpoint)s""",
            credential=self._credential, endpoint=bucket, after=after,
        )  # fmt: skip
