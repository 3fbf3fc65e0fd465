"""Count how requests to the source ended and how long they took, by minute, endpoint and outcome."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from psycopg2.extras import execute_values

from jst.control.counts_by_minute import CountsByMinute
from jst.control.database import Cursor
from jst.erp.call_outcome import Call

BUCKETS = 34
"""Place k of a histogram counts requests of up to 2 ^ (k / 2) milliseconds: the last one begins at 92 seconds."""

_ADD = """INSERT INTO api_minute AS known (minute, module, endpoint, outcome, kind, requests, milliseconds, latencies)
VALUES %s ON CONFLICT (minute, module, endpoint, outcome, kind) DO UPDATE SET
    requests = known.requests + excluded.requests, milliseconds = known.milliseconds + excluded.milliseconds,
    latencies = ARRAY(SELECT a + b FROM unnest(known.latencies, excluded.latencies) WITH ORDINALITY AS pair (a, b, k)
                      ORDER BY k), changed_at = clock_timestamp()"""
_ADD_TO_TOTALS = """INSERT INTO api_total AS known (module, endpoint, outcome, kind, requests, milliseconds)
SELECT module, endpoint, outcome, kind, sum(requests), sum(milliseconds)
FROM (VALUES %s) AS new (module, endpoint, outcome, kind, requests, milliseconds)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (module, endpoint, outcome, kind) DO UPDATE SET
    requests = known.requests + excluded.requests, milliseconds = known.milliseconds + excluded.milliseconds"""


class ApiCalls(CountsByMinute):
    """The counts of requests, their milliseconds, and a histogram of these."""

    def count(self, call: Call, at: datetime) -> None:
        """Count a request that ended ``at`` an aware time."""
        key = (at.replace(second=0, microsecond=0), call.module, call.endpoint, call.outcome, call.kind)
        counts = self._counts.setdefault(key, [0, 0] + [0] * BUCKETS)
        counts[0] += 1
        counts[1] += call.milliseconds
        counts[1 + bucket_of(call.milliseconds)] += 1

    def _add(self, cur: Cursor, counts: list[tuple[Any, list[Any]]]) -> None:
        execute_values(cur, _ADD, [(*key, each[0], each[1], each[2:]) for key, each in counts])
        execute_values(cur, _ADD_TO_TOTALS, [(*key[1:], each[0], each[1]) for key, each in counts])


def bucket_of(milliseconds: int) -> int:
    """Return the place, from 1, in which a histogram counts a request that took so long."""
    return min(BUCKETS, max(1, math.ceil(2 * math.log2(max(milliseconds, 1)))))
