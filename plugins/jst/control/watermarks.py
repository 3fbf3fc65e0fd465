"""How far each module is read and proven, and from which ts a cursor may go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jst.clock import SHANGHAI
from jst.control.database import Cursor, Database, one
from jst.control.plan_states import follow
from jst.model.plan import Plan
from jst.model.window import Window

INITIAL_DAG = "jst_initial"
TAIL_SECONDS = 10
"""A ts is given at write and seen at commit, which is at most so much later."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a module begins: live reading at ``at`` (and ts ``cursor``), the first load from ``start`` on in
    ``windows``, or ``by_cursor`` from ts 0."""

    at: datetime
    start: datetime
    cursor: int | None = None
    windows: Sequence[Window] = ()
    by_cursor: bool = False


class Watermarks:
    """Kinds: ``start`` (what lies before is not promised), ``read``, ``complete``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def value(self, module: str, kind: str) -> datetime | None:
        rows = self._db.rows(
            "SELECT value FROM watermark WHERE module = %(module)s AND kind = %(kind)s", module=module, kind=kind
        )
        return _aware(rows[0][0]) if rows else None

    def begin(self, module: str, beginning: Beginning) -> datetime:
        """Begin, unless another process has begun meanwhile; returns where live reading stands."""

        def work(cur: Cursor) -> datetime:
            cur.execute(
                """INSERT INTO watermark (module, kind, value) VALUES (%s, 'read', %s)
                   ON CONFLICT DO NOTHING RETURNING 1""",
                (module, beginning.at),
            )
            if cur.fetchone():
                _found(cur, module, beginning)
            cur.execute("SELECT value FROM watermark WHERE module = %s AND kind = 'read'", (module,))
            return _aware(one(cur)[0])

        return self._db.transaction(work)

    def live_since(self, module: str) -> datetime:
        """Where live reading began and the first load ends."""
        ((moment,),) = self._db.rows(
            """SELECT coalesce((SELECT max(window_to) FROM plan WHERE module = %(module)s AND origin = 'initial'),
                               (SELECT value FROM watermark WHERE module = %(module)s AND kind = 'start'))""",
            module=module,
        )
        return _aware(moment)

    def cursor(self, module: str) -> int:
        """The ts from which the live feed has to read on: below it nothing can come any more."""
        return self._mark("min(value)", module)

    def highest(self, module: str) -> int:
        """The highest ts the live feed has seen."""
        return self._mark("max(value)", module)

    def _mark(self, which: str, module: str) -> int:
        ((value,),) = self._db.rows(f"SELECT {which} FROM cursor_mark WHERE module = %(module)s", module=module)
        return int(value or 0)

    def quiet(self, module: str, dag_id: str, run_id: str, until: datetime) -> None:
        """An empty window up to ``until`` is proven by the one request that found it so.

        Adjacent quiet windows of a run are one plan: nights make one, not thousands.
        """

        def work(cur: Cursor) -> None:
            cur.execute(
                """WITH here AS (SELECT value FROM watermark WHERE module = %(module)s AND kind = 'read' FOR UPDATE),
                   longer AS (UPDATE plan SET window_to = %(until)s, updated_at = clock_timestamp()
                              WHERE plan_id = (SELECT plan_id FROM plan
                                               WHERE module = %(module)s AND dag_id = %(dag_id)s AND run_id = %(run_id)s
                                               ORDER BY ordinal DESC LIMIT 1)
                                AND window_to = (SELECT value FROM here) AND window_to < %(until)s
                                AND reason = 'quiet' RETURNING 1)
                   INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field,
                                     since, window_from, window_to, state, reason, proven_at)
                   SELECT %(module)s || '-' || n, %(module)s, 'live', %(dag_id)s, %(run_id)s, n, 'modified',
                          value, value, %(until)s, 'proven', 'quiet', clock_timestamp()
                   FROM here, nextval('plan_number') AS n
                   WHERE NOT EXISTS (SELECT FROM longer) AND value < %(until)s""",
                {"module": module, "dag_id": dag_id, "run_id": run_id, "until": until},
            )
            cur.execute(
                """UPDATE watermark SET value = %(until)s, updated_at = clock_timestamp()
                   WHERE module = %(module)s AND kind = 'read' AND value < %(until)s""",
                {"module": module, "until": until},
            )
            follow(cur, module)

        self._db.transaction(work)

    def leap(
        self, module: str, dag_id: str, run_id: str, since: datetime, to: datetime, windows: Sequence[Window],
        *, cursor: int | None, until: int | None,
    ) -> bool:  # fmt: skip
        """Let live reading go on at ``to`` (and ts ``until``) instead of ``since``, and write down what lies between
        as plans of origin ``gap``; False when somebody else has moved the watermark meanwhile."""

        def work(cur: Cursor) -> bool:
            cur.execute(
                """UPDATE watermark SET value = %s, updated_at = clock_timestamp()
                   WHERE module = %s AND kind = 'read' AND value = %s RETURNING 1""",
                (to, module, since),
            )
            if not cur.fetchone():
                return False
            if until is not None:
                cur.execute("DELETE FROM cursor_mark WHERE module = %s", (module,))
                cur.execute("INSERT INTO cursor_mark (module, value) VALUES (%s, %s)", (module, until))
            for window in windows:
                cur.execute(
                    """INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field,
                                         since, window_from, window_to, cursor_from, cursor_until)
                       SELECT %(module)s || '-' || n, %(module)s, 'gap', %(dag_id)s, %(run_id)s, n, 'modified',
                              greatest(%(since)s, %(start)s), %(start)s, %(end)s, %(cursor)s, %(until)s
                       FROM nextval('plan_number') AS n""",
                    {"module": module, "dag_id": dag_id, "run_id": run_id, "since": since, "start": window.start,
                     "end": window.end, "cursor": cursor, "until": until},
                )  # fmt: skip
            follow(cur, module)
            return True

        return self._db.transaction(work)


def _found(cur: Cursor, module: str, beginning: Beginning) -> None:
    for kind in ("start", "complete"):
        cur.execute("INSERT INTO watermark (module, kind, value) VALUES (%s, %s, %s)", (module, kind, beginning.start))
    if beginning.cursor is not None:
        cur.execute("INSERT INTO cursor_mark (module, value) VALUES (%s, %s)", (module, beginning.cursor))
    for window in beginning.windows:
        cur.execute(
            """INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field,
                                 since, window_from, window_to, cursor_from)
               SELECT %(module)s || '-' || n, %(module)s, 'initial', %(dag_id)s, %(dag_id)s, n, 'modified',
                      %(start)s, %(start)s, %(end)s, %(cursor)s FROM nextval('plan_number') AS n""",
            {"module": module, "dag_id": INITIAL_DAG, "start": window.start, "end": window.end,
             "cursor": 0 if beginning.by_cursor else None},
        )  # fmt: skip
    follow(cur, module)


def mark_cursor(cur: Cursor, plan: Plan, ts: int, settled: int | None) -> None:
    """The live feed has read ``plan`` up to ``ts``. It may go on from what had been there 10 s before this reading
    began (``settled``, or what was seen then): whatever was written below that was committed when this reading passed
    over it. Not from what is 10 s old now: nobody has looked below it since."""
    cur.execute("SELECT min(value) FROM cursor_mark WHERE module = %s", (plan.module,))
    (lowest,) = one(cur)
    if lowest is not None and ts < lowest:  # an old plan done again: the feed must not go back to where it ended
        return
    facts = {"module": plan.module, "plan_id": plan.plan_id, "ts": ts, "settled": settled, "tail": TAIL_SECONDS}
    cur.execute(
        """INSERT INTO cursor_mark (module, value) VALUES (%(module)s, %(ts)s)
           ON CONFLICT (module, value) DO UPDATE SET seen_at = least(cursor_mark.seen_at, excluded.seen_at)""",
        facts,
    )
    if lowest is not None and (plan.cursor or 0) > lowest:
        return  # it went on in the middle: what lies below its beginning was not read again
    cur.execute(
        """INSERT INTO cursor_mark (module, value, seen_at)
           SELECT module, %(settled)s, begun_at - make_interval(secs => %(tail)s)
           FROM plan WHERE plan_id = %(plan_id)s AND %(settled)s IS NOT NULL
           ON CONFLICT (module, value) DO UPDATE SET seen_at = least(cursor_mark.seen_at, excluded.seen_at)""",
        facts,
    )
    cur.execute(
        """DELETE FROM cursor_mark WHERE module = %(module)s AND value <
               (SELECT max(value) FROM cursor_mark
                WHERE module = %(module)s AND value <= %(ts)s AND seen_at <= make_interval(secs => -%(tail)s) +
                      (SELECT begun_at FROM plan WHERE plan_id = %(plan_id)s))""",
        facts,
    )


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI)
