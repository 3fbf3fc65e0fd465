"""Keep what reconciliation remembers from round to round, and return what it needs of the control database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jst.clock import SHANGHAI
from jst.control.database import Cursor, Database, storable
from jst.control.watermarks import follow_complete
from jst.model.plan import Plan
from jst.model.window import Window

KEPT_TRAIL = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Lost:
    """A record the warehouse has and the source did not give when asked by key, ``rounds`` times since ``since``."""

    key: str
    rounds: int
    since: datetime


class ReconcileState:
    """Reconciliation state of one module."""

    def __init__(self, database: Database, module: str) -> None:
        self._db, self._module = database, module

    def loaded(self) -> datetime | None:
        """Return the moment up to which all that the live feed has read is in the warehouse; None before it has
        begun."""
        return self._time(
            """SELECT least(value, (SELECT min(since) FROM plan
                                    WHERE plan.module = %(module)s AND state IN ('planned', 'pulled')
                                      AND origin IN ('live', 'refresh') AND keys IS NULL))
               FROM watermark WHERE module = %(module)s AND kind = 'read'"""
        )

    def floor(self) -> datetime | None:
        """Return the moment before which nothing is compared: the first load has not brought it yet, or never will."""
        return self._time(
            """SELECT greatest(value, (SELECT max(window_to) FROM plan
                                       WHERE plan.module = %(module)s AND origin = 'initial' AND proven_at IS NULL))
               FROM watermark WHERE module = %(module)s AND kind = 'start'"""
        )

    def _time(self, sql: str) -> datetime | None:
        rows = self._db.rows(sql, module=self._module)
        return rows[0][0].astimezone(SHANGHAI) if rows else None

    def reopen(self, plan: Plan, reason: str) -> None:
        """Say why a past window was planned again, and let the complete watermark go back to where it begins."""

        def work(cur: Cursor) -> None:
            cur.execute(
                "UPDATE plan SET reason = %s WHERE plan_id = %s AND state = 'planned'", (storable(reason), plan.plan_id)
            )
            follow_complete(cur, plan.module)

        self._db.transaction(work)

    def unread_keys(self) -> set[str]:
        """Return keys of records that lie among the dead letters: the warehouse may have older versions of them."""
        rows = self._db.rows(
            "SELECT DISTINCT key FROM letter WHERE module = %(module)s AND state <> 'redriven' AND key <> ''",
            module=self._module,
        )
        return {key for (key,) in rows}

    def letters(self, windows: Sequence[Window]) -> list[int]:
        """Count records among the dead letters that the source may count in each window."""
        rows = self._db.rows(
            """SELECT count(letter.module) FROM unnest(%(starts)s, %(ends)s) WITH ORDINALITY AS w (first, last, number)
               LEFT JOIN plan ON plan.module = %(module)s AND window_from <= last AND window_to >= first
               LEFT JOIN letter ON letter.plan_id = plan.plan_id AND letter.state <> 'redriven'
               GROUP BY number ORDER BY number""",
            module=self._module, starts=[w.start for w in windows], ends=[w.end for w in windows],
        )  # fmt: skip
        return [count for (count,) in rows]

    def lost(self) -> list[Lost]:
        """Return the lost records, by key."""
        rows = self._db.rows(
            "SELECT key, rounds, since FROM lost WHERE module = %(module)s ORDER BY key", module=self._module
        )
        return [Lost(key, rounds, since.astimezone(SHANGHAI)) for key, rounds, since in rows]

    def note_lost(self, asked: Collection[str], given: Collection[str]) -> None:
        """Note that the source was asked for these keys and gave some of them."""
        self._db.rows(
            """WITH found AS (DELETE FROM lost WHERE module = %(module)s AND key = ANY(%(given)s))
               INSERT INTO lost (module, key) SELECT %(module)s, unnest(%(lost)s::text[])
               ON CONFLICT (module, key) DO UPDATE SET rounds = lost.rounds + 1""",
            module=self._module, given=sorted(given), lost=sorted(set(asked) - set(given)),
        )  # fmt: skip

    def stuck_windows(self, dag_id: str, attempts: int) -> list[str]:
        """Return windows of the DAG that stay unproven although they were read ``attempts`` times, with the reason."""
        rows = self._db.rows(
            """SELECT window_from, window_to, reason FROM plan
               WHERE module = %(module)s AND dag_id = %(dag_id)s AND state = 'open' AND attempt >= %(attempts)s
               ORDER BY window_from""",
            module=self._module, dag_id=dag_id, attempts=attempts,
        )  # fmt: skip
        return [f"{Window(start.astimezone(SHANGHAI), end.astimezone(SHANGHAI))}（{why}）" for start, end, why in rows]

    def note_cursor(self) -> None:
        """Note how far the live feed has read along ts."""
        self._db.rows(
            """WITH old AS (DELETE FROM cursor_trail
                            WHERE module = %(module)s AND seen_at < clock_timestamp() - %(kept)s)
               INSERT INTO cursor_trail (module, value)
               SELECT module, max(value) FROM cursor_mark WHERE module = %(module)s GROUP BY module""",
            module=self._module, kept=KEPT_TRAIL,
        )  # fmt: skip

    def range_to_reread(self, minutes: int) -> tuple[int, int] | None:
        """Return the ts from and up to which has to be read again ``minutes`` after it was read; None: nothing yet.
        What was read before the first round is not read again."""
        ((start, end),) = self._db.rows(
            """SELECT coalesce((SELECT value FROM cursor_reread WHERE module = %(module)s AND minutes = %(minutes)s),
                               (SELECT min(value) FROM cursor_trail WHERE module = %(module)s)),
                      (SELECT max(value) FROM cursor_trail WHERE module = %(module)s
                       AND seen_at <= clock_timestamp() - make_interval(mins => %(minutes)s))""",
            module=self._module, minutes=minutes,
        )  # fmt: skip
        return (start, end) if end is not None and end > start else None

    def note_reread(self, minutes: int, value: int) -> None:
        """Note that everything up to the ts ``value`` was read again ``minutes`` after it was read."""
        self._db.rows(
            """INSERT INTO cursor_reread (module, minutes, value) VALUES (%(module)s, %(minutes)s, %(value)s)
               ON CONFLICT (module, minutes) DO UPDATE SET value = greatest(cursor_reread.value, excluded.value)""",
            module=self._module, minutes=minutes, value=value,
        )  # fmt: skip
