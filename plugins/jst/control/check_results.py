"""Keep what the data-quality checks found last, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jst.clock import SHANGHAI
from jst.control.database import Database, storable


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found: how many, the first few, and ``since`` when without a break (None: nothing is found)."""

    name: str
    checked_at: datetime
    found: int
    examples: list[str]
    since: datetime | None
    seconds: float

    @property
    def standing(self) -> timedelta:
        """How long it has been found without a break."""
        return self.checked_at - self.since if self.since else timedelta(0)


class CheckResults:
    """The last result of every check."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record(self, name: str, found: int, examples: Sequence[str], seconds: float) -> CheckResult:
        """Write down what a check found now."""
        (row,) = self._db.rows(
            # One moment for both columns: two readings of the clock made `since` later than the look that found it.
            """INSERT INTO check_result AS last (name, checked_at, found, examples, since, seconds)
               VALUES (%(name)s, statement_timestamp(), %(found)s, %(examples)s,
                       CASE WHEN %(found)s > 0 THEN statement_timestamp() END, %(s)s)
               ON CONFLICT (name) DO UPDATE
               SET checked_at = excluded.checked_at, found = excluded.found, examples = excluded.examples,
                   seconds = excluded.seconds,
                   since = CASE WHEN excluded.found > 0 THEN coalesce(last.since, excluded.since) END
               RETURNING name, checked_at, found, examples, since, seconds""",
            name=name, found=found, examples=list(map(storable, examples)), s=seconds,
        )  # fmt: skip
        return _result(*row)

    def due(self, name: str, every: timedelta) -> bool:
        """Say whether the last run is about ``every`` ago, or never was: rounds do not start to the second."""
        return not self._db.rows(
            "SELECT 1 FROM check_result WHERE name = %(name)s AND checked_at > clock_timestamp() - %(every)s",
            name=name, every=every - timedelta(minutes=1),
        )  # fmt: skip


def _result(
    name: str, at: datetime, found: int, examples: list[str], since: datetime | None, seconds: float
) -> CheckResult:
    return CheckResult(name, at.astimezone(SHANGHAI), found, examples, since and since.astimezone(SHANGHAI), seconds)
