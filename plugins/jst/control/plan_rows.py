"""Rows of the tables ``plan`` and ``receipt``: the statements that write them, and how a plan is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jst.clock import SHANGHAI
from jst.control.database import Cursor, Row, named
from jst.model.plan import Plan, Receipt
from jst.model.window import Window
from jst.model.words import Origin, PlanState

COLUMNS = (
    "plan.plan_id, plan.module, plan.origin, plan.field, plan.since, plan.window_from, plan.window_to, plan.state, "
    "plan.attempt, plan.cursor_from, plan.keys, plan.cursor_until, plan.redrives, plan.failures, plan.dag_id, "
    "plan.run_id, plan.branches"
)
"""What ``plan_of`` and ``new_like`` need of a row."""


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan that is not written yet, and the run that makes it; what is left out is as in ``Plan``.

    ``not_before``: it is not read earlier. ``expected``: rows it will read, where a larger window that was cut has
    shown it. One that is born ``proven`` is proven at the moment of writing.
    """

    module: str
    origin: Origin
    dag_id: str
    run_id: str
    window: Window
    since: datetime
    cursor: int | None = None
    until: int | None = None
    keys: Sequence[str] = ()
    redrives: str | None = None
    branches: Sequence[int] = ()
    not_before: datetime | None = None
    expected: int | None = None
    state: PlanState = "planned"
    reason: str = ""


def find_planned(cur: Cursor, new: NewPlan) -> Plan | None:
    """Find the plan that says the same and was not pulled yet."""
    cur.execute(
        f"""SELECT {COLUMNS} FROM plan
            WHERE module = %(module)s AND state = 'planned' AND origin = %(origin)s AND dag_id = %(dag_id)s
              AND run_id = %(run_id)s AND field = %(field)s AND since = %(since)s
              AND window_from = %(start)s AND window_to = %(end)s AND keys IS NOT DISTINCT FROM %(keys)s
              AND branches IS NOT DISTINCT FROM %(branches)s::bigint[] LIMIT 1""",
        _facts(new),
    )
    return next((plan_of(row) for row in named(cur)), None)


def insert_plan(cur: Cursor, new: NewPlan) -> Plan:
    """Write a plan under the next number and return it."""
    cur.execute(
        f"""INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field, since, window_from, window_to,
                              cursor_from, cursor_until, keys, redrives, branches, not_before, expected, state,
                              reason, proven_at)
            SELECT %(module)s || '-' || n, %(module)s, %(origin)s, %(dag_id)s, %(run_id)s, n, %(field)s, %(since)s,
                   %(start)s, %(end)s, %(cursor)s, %(until)s, %(keys)s, %(redrives)s, %(branches)s::bigint[],
                   %(not_before)s, %(expected)s, %(state)s, %(reason)s,
                   CASE WHEN %(state)s = 'proven' THEN clock_timestamp() END
            FROM nextval('plan_number') AS n RETURNING {COLUMNS}""",
        _facts(new),
    )
    (row,) = named(cur)
    return plan_of(row)


def _facts(new: NewPlan) -> dict[str, Any]:
    return {
        "module": new.module, "origin": new.origin, "dag_id": new.dag_id, "run_id": new.run_id,
        "field": new.window.field, "since": new.since, "start": new.window.start, "end": new.window.end,
        "cursor": new.cursor, "until": new.until, "keys": list(new.keys) or None, "redrives": new.redrives,
        "branches": list(new.branches) or None, "not_before": new.not_before,
        "expected": new.expected, "state": new.state, "reason": new.reason,
    }  # fmt: skip


def insert_receipt(cur: Cursor, receipt: Receipt) -> None:
    """Write a receipt, unless the attempt has one."""
    cur.execute(
        """INSERT INTO receipt (plan_id, attempt, requests, rows, keys, carried, letters, total_first,
                                total_last, proof, reason, unknown, left_empty, offsets, started_at, cursor_to)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
        (receipt.plan_id, receipt.attempt, receipt.requests, receipt.rows, receipt.keys, receipt.carried,
         receipt.letters, receipt.total_first, receipt.total_last, receipt.proof, receipt.reason,
         json.dumps(receipt.unknown, ensure_ascii=False), json.dumps(receipt.left_empty, ensure_ascii=False),
         json.dumps(receipt.offsets), receipt.started_at, receipt.cursor),
    )  # fmt: skip


def new_like(row: Row) -> NewPlan:
    """Make a plan of the same run that reads the same window by window, from a row that has ``COLUMNS``."""
    return NewPlan(
        row["module"],
        row["origin"],
        row["dag_id"],
        row["run_id"],
        window_of(row),
        row["since"].astimezone(SHANGHAI),
        branches=row["branches"] or (),
    )


def plan_of(row: Row) -> Plan:
    """Read a plan from a row that has ``COLUMNS``; columns beside them do not matter."""
    return Plan(
        plan_id=row["plan_id"],
        module=row["module"],
        origin=row["origin"],
        window=window_of(row),
        since=row["since"].astimezone(SHANGHAI),
        state=row["state"],
        attempt=row["attempt"],
        cursor=row["cursor_from"],
        keys=tuple(row["keys"] or ()),
        until=row["cursor_until"],
        redrives=row["redrives"] or "",
        failures=row["failures"],
        branches=tuple(row["branches"] or ()),
    )


def window_of(row: Row) -> Window:
    """Read the window of a row that has ``field``, ``window_from`` and ``window_to``."""
    return Window(row["window_from"].astimezone(SHANGHAI), row["window_to"].astimezone(SHANGHAI), row["field"])
