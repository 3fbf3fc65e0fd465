"""Count what the budget was spent on, by minute and origin: for the ledger, and to recognise a storm of refusals."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from psycopg2.extras import execute_values

from jst.control.counts_by_minute import CountsByMinute
from jst.control.database import Cursor, Database
from jst.model.words import Origin

STORM_MINUTES, MOSTLY_REFUSED_MINUTES, LEAST_REFUSALS = 3, 2, 3
"""A storm: in 2 of the last 3 minutes more than half was refused, 3 times at least."""

_ADD = """INSERT INTO budget_minute AS known (minute, credential, bucket, origin, granted, refused, waited) VALUES %s
ON CONFLICT (minute, credential, bucket, origin) DO UPDATE SET granted = known.granted + excluded.granted,
    refused = known.refused + excluded.refused, waited = known.waited + excluded.waited"""
_ADD_TO_TOTALS = """INSERT INTO budget_total AS known (credential, bucket, origin, granted, refused, waited)
SELECT credential, bucket, origin, sum(granted), sum(refused), sum(waited)
FROM (VALUES %s) AS new (credential, bucket, origin, granted, refused, waited) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (credential, bucket, origin) DO UPDATE SET granted = known.granted + excluded.granted,
    refused = known.refused + excluded.refused, waited = known.waited + excluded.waited"""
_SPENT = """SELECT count(*) FILTER (WHERE refused > granted / 2.0), coalesce(sum(refused), 0), coalesce(sum(granted), 0)
FROM (SELECT sum(refused) AS refused, sum(granted) AS granted FROM budget_minute
      WHERE credential = %(credential)s AND bucket = %(bucket)s
        AND minute > date_trunc('minute', clock_timestamp()) - make_interval(mins => %(minutes)s)
      GROUP BY minute) AS spent"""


class BudgetUse(CountsByMinute):
    """The counts of one credential: granted, refused, seconds waited."""

    def __init__(self, database: Database, credential: str) -> None:
        super().__init__(database)
        self._credential = credential
        self._counts = defaultdict(lambda: [0, 0, 0.0])

    def granted(self, bucket: str, origin: Origin, slot: float, waited: float) -> None:
        """Count a request granted for the unix time ``slot``, after ``waited`` seconds."""
        counts = self._counts[int(slot // 60), bucket, origin]
        counts[0] += 1
        counts[2] += waited

    def refused(self, bucket: str, origin: Origin, at: float) -> None:
        """Count a request refused at the unix time ``at``."""
        self._counts[int(at // 60), bucket, origin][1] += 1

    def _add(self, cur: Cursor, counts: list[tuple[Any, list[Any]]]) -> None:
        rows = [(minute * 60, self._credential, bucket, origin, *each) for (minute, bucket, origin), each in counts]
        execute_values(cur, _ADD, rows, "(to_timestamp(%s), %s, %s, %s, %s, %s, %s)")
        execute_values(cur, _ADD_TO_TOTALS, [row[1:] for row in rows])

    def storm(self, bucket: str) -> str:
        """Return how much was refused, when it is nearly everything for minutes; else empty."""
        ((mostly, refused, granted),) = self._db.rows(
            _SPENT, credential=self._credential, bucket=bucket, minutes=STORM_MINUTES
        )
        if mostly < MOSTLY_REFUSED_MINUTES or refused < LEAST_REFUSALS:
            return ""
        return f"最近 {STORM_MINUTES} 分钟 {granted} 次请求中有 {refused} 次被源端拒绝"
