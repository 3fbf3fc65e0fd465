"""Business days whose marts may differ from the wide tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from jst.control.database import Database

Waiting = dict[date, int]
"""Day → its highest mark, newest day first."""


class Marts:
    """A day is marked before rows leave it and again when they are elsewhere. Both are needed: a load killed in between
    must not leave its old day as it was, and what is counted in between is not all there is."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, module: str, days: Iterable[date]) -> None:
        """Rows of ``module`` are about to leave these days."""
        self._mark(module, days, loading=True)

    def end(self, module: str, days: Iterable[date]) -> None:
        """They are written, on these days; call it under the module's load lock, also after a dead holder's begin."""
        self._mark(module, days, loading=False)
        self._db.rows(
            """UPDATE mart_day SET mark = nextval('mart_mark'), loading = false
               WHERE module = %(module)s AND loading""",
            module=module,
        )

    def mark(self, days: Iterable[date]) -> None:
        """These days differ, whoever changed them."""
        self._mark("", days, loading=False)

    def _mark(self, module: str, days: Iterable[date], *, loading: bool) -> None:
        if found := sorted(days):
            self._db.rows(
                """INSERT INTO mart_day AS known (module, day, mark, loading)
                   SELECT %(module)s, day, nextval('mart_mark'), %(loading)s FROM unnest(%(days)s::date[]) AS day
                   ON CONFLICT (module, day) DO UPDATE
                   SET mark = excluded.mark, loading = known.loading OR excluded.loading,
                       marked_at = CASE WHEN known.done = known.mark THEN clock_timestamp() ELSE known.marked_at END""",
                module=module, days=found, loading=loading,
            )  # fmt: skip

    def waiting(self) -> Waiting:
        rows: Sequence[tuple[date, int]] = self._db.rows(
            "SELECT day, max(mark) FROM mart_day WHERE done < mark GROUP BY day ORDER BY day DESC"
        )
        return dict(rows)

    def done(self, day: date, mark: int) -> None:
        """The marts of ``day`` have everything that was marked up to ``mark``."""
        self._db.rows(
            "UPDATE mart_day SET done = mark WHERE day = %(day)s AND mark <= %(mark)s AND done < mark",
            day=day, mark=mark,
        )  # fmt: skip

    def version(self) -> int:
        """Of rows written now: microseconds of the control database's clock, the same on every ClickHouse node."""
        ((number,),) = self._db.rows("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        return int(number)

    def search_is_due(self, every: timedelta) -> bool:
        """Whether all days were last compared ``every`` ago, or never were."""
        return not self._db.rows(
            "SELECT 1 FROM mart_search WHERE searched_at > clock_timestamp() - %(every)s", every=every
        )

    def searched(self) -> None:
        self._db.rows(
            """INSERT INTO mart_search (searched_at) VALUES (clock_timestamp())
               ON CONFLICT (one) DO UPDATE SET searched_at = excluded.searched_at"""
        )
