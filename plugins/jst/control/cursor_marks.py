"""From which ts of the source's cursor a live feed may go on: the table ``cursor_mark``, in transactions of others."""

from __future__ import annotations

from datetime import datetime

from jst.control.database import Cursor, one
from jst.model.plan import Plan

TAIL_SECONDS = 10
"""A ts is given at write and seen at commit, which is at most so much later."""


def add_mark(cur: Cursor, module: str, ts: int, seen_at: datetime | None = None) -> None:
    """Note that ``ts`` had been seen at ``seen_at`` (None: now); of two moments the earlier one stays."""
    cur.execute(
        """INSERT INTO cursor_mark (module, value, seen_at)
           VALUES (%(module)s, %(ts)s, coalesce(%(seen_at)s::timestamptz, clock_timestamp()))
           ON CONFLICT (module, value) DO UPDATE SET seen_at = least(cursor_mark.seen_at, excluded.seen_at)""",
        {"module": module, "ts": ts, "seen_at": seen_at},
    )


def mark_cursor(cur: Cursor, plan: Plan, ts: int, settled: int | None) -> None:
    """Note that the live feed has read ``plan`` up to ``ts``. It may go on from what had been there 10 s before this
    reading began (``settled``, or what was seen then): whatever was written below that was committed when this reading
    passed over it. Not from what is 10 s old now: nothing below it was read since."""
    cur.execute(
        """SELECT (SELECT min(value) FROM cursor_mark WHERE module = %s),
                  (SELECT begun_at - make_interval(secs => %s) FROM plan WHERE plan_id = %s)""",
        (plan.module, TAIL_SECONDS, plan.plan_id),
    )
    lowest, committed = one(cur)
    if lowest is not None and ts < lowest:  # an old plan done again: the feed must not go back to where it ended
        return
    add_mark(cur, plan.module, ts)
    if lowest is not None and (plan.cursor or 0) > lowest:
        return  # it went on in the middle: what lies below its beginning was not read again
    if settled is not None:
        add_mark(cur, plan.module, settled, committed)
    cur.execute(
        """DELETE FROM cursor_mark WHERE module = %(module)s AND value <
               (SELECT max(value) FROM cursor_mark
                WHERE module = %(module)s AND value <= %(ts)s AND seen_at <= %(committed)s)""",
        {"module": plan.module, "ts": ts, "committed": committed},
    )
