"""Keep how far each module is read and proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jst.clock import SHANGHAI
from jst.control.cursor_marks import add_mark
from jst.control.database import Cursor, Database, one
from jst.control.plan_rows import NewPlan, insert_plan
from jst.model.plan import Plan
from jst.model.window import Window

INITIAL_DAG = "jst_initial"
WatermarkKind = Literal["start", "read", "complete"]


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
    """The watermarks of all modules. Kinds: ``start`` (what lies before is not promised), ``read``, ``complete``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def value(self, module: str, kind: str) -> datetime | None:
        """Return a watermark in Shanghai's zone; None before there is one."""
        rows = self._db.rows(
            "SELECT value FROM watermark WHERE module = %(module)s AND kind = %(kind)s", module=module, kind=kind
        )
        return _aware(rows[0][0]) if rows else None

    def start_live(self, module: str, beginning: Beginning) -> datetime:
        """Start live reading, unless another process has started it meanwhile; returns where it stands."""

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
        """Return where live reading began and the first load ends."""
        ((moment,),) = self._db.rows(
            """SELECT coalesce((SELECT max(window_to) FROM plan WHERE module = %(module)s AND origin = 'initial'),
                               (SELECT value FROM watermark WHERE module = %(module)s AND kind = 'start'))""",
            module=module,
        )
        return _aware(moment)

    def cursor(self, module: str) -> int:
        """Return the ts from which the live feed has to read on: below it nothing can come any more."""
        return self._mark("min(value)", module)

    def highest(self, module: str) -> int:
        """Return the highest ts the live feed has seen."""
        return self._mark("max(value)", module)

    def _mark(self, which: str, module: str) -> int:
        ((value,),) = self._db.rows(f"SELECT {which} FROM cursor_mark WHERE module = %(module)s", module=module)
        return int(value or 0)

    def quiet(self, module: str, dag_id: str, run_id: str, until: datetime) -> None:
        """Record an empty window up to ``until`` as proven by the one request that found it so.

        Adjacent quiet windows of a run are one plan: nights make one, not thousands.
        """

        def work(cur: Cursor) -> None:
            cur.execute("SELECT value FROM watermark WHERE module = %s AND kind = 'read' FOR UPDATE", (module,))
            since = _aware(one(cur)[0])
            if since < until:
                cur.execute(
                    """UPDATE plan SET window_to = %(until)s, updated_at = clock_timestamp()
                       WHERE plan_id = (SELECT plan_id FROM plan
                                        WHERE module = %(module)s AND dag_id = %(dag_id)s AND run_id = %(run_id)s
                                        ORDER BY ordinal DESC LIMIT 1)
                         AND window_to = %(since)s AND reason = 'quiet'""",
                    {"module": module, "dag_id": dag_id, "run_id": run_id, "since": since, "until": until},
                )
                if cur.rowcount == 0:
                    window = Window(since, until)
                    insert_plan(
                        cur, NewPlan(module, "live", dag_id, run_id, window, since, state="proven", reason="quiet")
                    )
                move_watermark(cur, module, "read", until)
            follow_complete(cur, module)

        self._db.transaction(work)

    def skip_gap(
        self, module: str, dag_id: str, run_id: str, since: datetime, to: datetime, windows: Sequence[Window],
        *, cursor: int | None, until: int | None,
    ) -> bool:  # fmt: skip
        """Let live reading go on at ``to`` (and ts ``until``) instead of ``since``, and write down what lies between as
        plans of origin ``gap``; False when another process has moved the watermark meanwhile."""

        def work(cur: Cursor) -> bool:
            if not move_watermark(cur, module, "read", to, least=since, most=since):
                return False
            if until is not None:
                cur.execute("DELETE FROM cursor_mark WHERE module = %s", (module,))
                add_mark(cur, module, until)
            for window in windows:
                begin = max(since, window.start)
                insert_plan(cur, NewPlan(module, "gap", dag_id, run_id, window, begin, cursor=cursor, until=until))
            follow_complete(cur, module)
            return True

        return self._db.transaction(work)


def _found(cur: Cursor, module: str, beginning: Beginning) -> None:
    for kind in ("start", "complete"):
        cur.execute("INSERT INTO watermark (module, kind, value) VALUES (%s, %s, %s)", (module, kind, beginning.start))
    if beginning.cursor is not None:
        add_mark(cur, module, beginning.cursor)
    cursor = 0 if beginning.by_cursor else None
    for window in beginning.windows:
        insert_plan(cur, NewPlan(module, "initial", INITIAL_DAG, INITIAL_DAG, window, window.start, cursor=cursor))
    follow_complete(cur, module)


def move_watermark(
    cur: Cursor, module: str, kind: WatermarkKind, to: datetime,
    *, least: datetime | None = None, most: datetime | None = None, reason: str = "",
) -> bool:  # fmt: skip
    """Move a watermark that stands within ``least`` and ``most``, both included; None leaves a bound out. Returns
    whether it did."""
    cur.execute(
        """UPDATE watermark SET value = %(to)s, reason = %(reason)s, updated_at = clock_timestamp()
           WHERE module = %(module)s AND kind = %(kind)s
             AND value BETWEEN coalesce(%(least)s::timestamptz, '-infinity')
                           AND coalesce(%(most)s::timestamptz, 'infinity')""",
        {"module": module, "kind": kind, "to": to, "least": least, "most": most, "reason": reason},
    )
    return cur.rowcount > 0


def continue_reading(cur: Cursor, plan: Plan) -> None:
    """Move the read watermark to the plan's end, unless it has not come to the plan yet, or is beyond it already."""
    move_watermark(cur, plan.module, "read", plan.window.end, least=plan.since, most=plan.window.end)


def follow_complete(cur: Cursor, module: str) -> None:
    """Let the complete watermark follow: the read watermark, or where the oldest unproven plan begins."""
    # Without this lock first, two processes would each judge by what they saw before the other's change.
    cur.execute("SELECT FROM watermark WHERE module = %s AND kind = 'complete' FOR UPDATE", (module,))
    cur.execute(
        """SELECT fresh.value, fresh.reason
           FROM watermark AS known, (
                SELECT least(wm.value, oldest.since) AS value,
                       CASE WHEN oldest.since < wm.value THEN oldest.plan_id || ' ' || oldest.state
                            || CASE WHEN oldest.reason = '' THEN '' ELSE '：' || oldest.reason END
                            ELSE '' END AS reason
                FROM watermark AS wm LEFT JOIN LATERAL
                     (SELECT plan_id, since, state, reason FROM plan
                      WHERE plan.module = %(module)s AND proven_at IS NULL AND field = 'modified' AND keys IS NULL
                        AND redrives IS NULL
                        AND origin <> 'backfill'  -- it reads again what live has proven: its certificate waits, not we
                      ORDER BY since LIMIT 1) AS oldest ON true
                WHERE wm.module = %(module)s AND wm.kind = 'read') AS fresh
           WHERE known.module = %(module)s AND known.kind = 'complete'
             AND (known.value, known.reason) IS DISTINCT FROM (fresh.value, fresh.reason)""",
        {"module": module},
    )
    if fresh := cur.fetchone():
        value, reason = fresh
        move_watermark(cur, module, "complete", value, reason=reason)


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI)
