"""Count how requests to the source ended and how long they took, by minute, endpoint and outcome."""

from __future__ import annotations

import math
from datetime import datetime

from psycopg2.extras import execute_values

from jst.control.database import Cursor, Database
from jst.erp.call_outcome import Call

WRITE_SECONDS = 5.0
"""How old a count may be: what a killed process loses. Written with every request it would cost a round trip each."""
BUCKETS = 34
"""Place k of a histogram counts requests of up to 2 ^ (k / 2) milliseconds: the last one begins at 92 seconds."""

_ADD = """INSERT INTO api_minute AS known (minute, module, endpoint, outcome, kind, requests, milliseconds, latencies)
VALUES %s ON CONFLICT (minute, module, endpoint, outcome, kind) DO UPDATE SET
    requests = known.requests + excluded.requests, milliseconds = known.milliseconds + excluded.milliseconds,
    latencies = ARRAY(SELECT a + b FROM unnest(known.latencies, excluded.latencies) WITH ORDINALITY AS pair (a, b, k)
                      ORDER BY k), changed_at = clock_timestamp()"""


class ApiCalls:
    """The counts of one process, gathered and written every few seconds."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._counts: dict[tuple[datetime, str, str, str, str], list[int]] = {}
        self._written: float | None = None

    def count(self, call: Call, at: datetime) -> None:
        """Count a request that ended ``at`` an aware time."""
        key = (at.replace(second=0, microsecond=0), call.module, call.endpoint, call.outcome, call.kind)
        counts = self._counts.setdefault(key, [0, 0] + [0] * BUCKETS)
        counts[0] += 1
        counts[1] += call.milliseconds
        counts[1 + bucket_of(call.milliseconds)] += 1

    def write(self, now: float, *, every: float = WRITE_SECONDS) -> None:
        """Write what was counted unless that was done less than ``every`` seconds ago; ``now`` is any steady clock."""
        first = self._written is None
        if not self._counts or not (first or now - (self._written or 0.0) >= every):
            return
        self._db.transaction(lambda cur: self._write(cur, first))
        self._counts.clear()
        self._written = now

    def _write(self, cur: Cursor, first: bool) -> None:
        cur.execute("SET LOCAL synchronous_commit TO off")
        if first:
            cur.execute("DELETE FROM api_minute WHERE minute < clock_timestamp() - interval '30 days'")
        # in one order, else two processes could wait for each other
        rows = [(*key, counts[0], counts[1], counts[2:]) for key, counts in sorted(self._counts.items())]
        execute_values(cur, _ADD, rows)


def bucket_of(milliseconds: int) -> int:
    """Return the place, from 1, in which a histogram counts a request that took so long."""
    return min(BUCKETS, max(1, math.ceil(2 * math.log2(max(milliseconds, 1)))))
