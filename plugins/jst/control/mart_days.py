"""Keep the business days whose marts may differ from the wide tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from psycopg2.extras import execute_values

from jst.control.database import Cursor, Database
from jst.model.mart_keys import MartKey, Touched

MOST_KEYS = 2_000
"""Keys of a day that are kept apart; where there are more, all of the day is refreshed."""


@dataclass
class WaitingDay:
    """A day to refresh: ``mark`` is the highest, ``keys`` None for all of it."""

    mark: int = 0
    keys: set[MartKey] | None = field(default_factory=set)


class MartDays:
    """Marks of days. A day is marked before rows leave it and again when they are elsewhere. Both are needed: after a
    load that was killed in between, its old day must be refreshed, and what is counted in between is not all there
    is."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mark_before_load(self, module: str, touched: Touched) -> None:
        """Mark the days that rows of ``module`` are about to leave."""
        if touched:
            self._db.transaction(lambda cur: _mark(cur, module, touched, loading=True))

    def mark_after_load(self, module: str, touched: Touched) -> None:
        """Mark the days on which they are written now; call it under the module's load lock, also after a dead holder's
        ``mark_before_load``."""

        def work(cur: Cursor) -> None:
            if touched:
                _mark(cur, module, touched, loading=False)
            cur.execute(
                "UPDATE mart_day SET mark = nextval('mart_mark'), loading = false WHERE module = %s AND loading",
                (module,),
            )

        self._db.transaction(work)

    def mark_days(self, days: Iterable[date]) -> None:
        """Mark all of these days, whatever changed them."""
        if marked := dict.fromkeys(days):
            self._db.transaction(lambda cur: _mark(cur, "", marked, loading=False))

    def waiting(self) -> dict[date, WaitingDay]:
        """Return the days to refresh: the newest, then the one that has waited longest, then the newer of the others. A
        day would never have its turn while newer ones are touched again and again."""
        found: dict[date, WaitingDay] = {}
        for day, mark, keys in self._db.rows(
            """SELECT day, mark, keys FROM
                   (SELECT day, mark, keys, day = max(day) OVER () AS newest,
                           min(marked_at) OVER (PARTITION BY day) AS since, min(marked_at) OVER () AS longest
                    FROM mart_day WHERE done < mark) AS waiting
               ORDER BY newest DESC, since = longest DESC, day DESC"""
        ):
            known = found.setdefault(day, WaitingDay())
            known.mark = max(known.mark, mark)
            known.keys = None if keys is None or known.keys is None else known.keys | {_key(each) for each in keys}
        return found

    def longest_wait(self) -> float:
        """Return for how many seconds the day that has waited longest has been waiting, 0 when none waits."""
        ((seconds,),) = self._db.rows(
            """SELECT coalesce(max(extract(epoch FROM clock_timestamp() - marked_at)), 0)::float8
               FROM mart_day WHERE done < mark"""
        )
        return float(seconds)

    def mark_refreshed(self, day: date, mark: int, took: float = 0.0) -> None:
        """Note that the marts of ``day`` have everything that was marked up to ``mark``, read ``took`` seconds ago: a
        day that is marked again all the time has been waiting since then only."""
        self._db.rows(
            """UPDATE mart_day
               SET done = least(mark, %(mark)s), keys = CASE WHEN loading OR mark > %(mark)s THEN keys ELSE '{}' END,
                   marked_at = CASE WHEN mark > %(mark)s THEN clock_timestamp() - make_interval(secs => %(took)s)
                                    ELSE marked_at END
               WHERE day = %(day)s AND done < least(mark, %(mark)s)""",
            day=day, mark=mark, took=took,
        )  # fmt: skip

    def version(self) -> int:
        """Return the version of rows written now: microseconds of the control database's clock, the same on every
        ClickHouse node."""
        ((number,),) = self._db.rows("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        return int(number)

    def search_is_due(self, every: timedelta) -> bool:
        """Say whether all days were last compared ``every`` ago, or never were."""
        return not self._db.rows(
            "SELECT 1 FROM mart_search WHERE searched_at > clock_timestamp() - %(every)s", every=every
        )

    def note_search(self) -> None:
        """Note that all days were compared now."""
        self._db.rows(
            """INSERT INTO mart_search (searched_at) VALUES (clock_timestamp())
               ON CONFLICT (one) DO UPDATE SET searched_at = excluded.searched_at"""
        )


def _mark(cur: Cursor, module: str, touched: Touched, *, loading: bool) -> None:
    rows: list[tuple[Any, ...]] = [
        (module, day, loading, None if keys is None or len(keys) > MOST_KEYS else sorted(map(_text, keys)))
        for day, keys in sorted(touched.items())
    ]
    execute_values(
        cur,
        f"""INSERT INTO mart_day AS known (module, day, mark, loading, keys) VALUES %s
            ON CONFLICT (module, day) DO UPDATE
            SET mark = excluded.mark, loading = known.loading OR excluded.loading,
                keys = CASE WHEN cardinality(known.keys) + cardinality(excluded.keys) <= {2 * MOST_KEYS}
                            THEN ARRAY(SELECT DISTINCT unnest(known.keys || excluded.keys)) END,
                marked_at = CASE WHEN known.done = known.mark THEN clock_timestamp() ELSE known.marked_at END""",
        rows,
        template="(%s, %s, nextval('mart_mark'), %s, %s::text[])",
    )


def _text(key: MartKey) -> str:
    return json.dumps(key, ensure_ascii=False)


def _key(text: str) -> MartKey:
    shop, hour, sku, style = json.loads(text)
    return shop, hour, sku, style
