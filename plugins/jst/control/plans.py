"""Plans, receipts and the two watermarks in the control database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jst.clock import SHANGHAI
from jst.control.database import Cursor, Database, one
from jst.control.proving import follow, settle
from jst.flow.plan import Offsets, Plan, Receipt
from jst.flow.window import Window

_COLUMNS = "plan_id, module, origin, field, since, window_from, window_to, state, attempt"
ROWS_PER_LOAD = 20_000


def _plan(row: Sequence[Any]) -> Plan:
    plan_id, module, origin, field, since, start, end, state, attempt = row
    window = Window(start.astimezone(SHANGHAI), end.astimezone(SHANGHAI), field)
    return Plan(plan_id, module, origin, window, since.astimezone(SHANGHAI), state, attempt)


class Plans:
    """All state changes of plans; each is one transaction and may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, module: str, at: datetime) -> datetime:
        """Where live reading of ``module`` stands; on an empty database both watermarks begin at ``at``."""

        def work(cur: Cursor) -> datetime:
            cur.execute(
                """INSERT INTO watermark (module, kind, value)
                   SELECT %(module)s, kind, %(at)s FROM unnest(ARRAY['start', 'read', 'complete']) AS kind
                   ON CONFLICT DO NOTHING""",
                {"module": module, "at": at},
            )
            cur.execute("SELECT value FROM watermark WHERE module = %s AND kind = 'read'", (module,))
            return _moment(one(cur))

        return self._db.transaction(work)

    def watermark(self, module: str, kind: str) -> datetime | None:
        rows = self._db.rows(
            "SELECT value FROM watermark WHERE module = %(module)s AND kind = %(kind)s", module=module, kind=kind
        )
        return _moment(rows[0]) if rows else None

    def add(self, module: str, origin: str, dag_id: str, run_id: str, window: Window, since: datetime) -> Plan:
        """Record a plan before its first request, so that nobody can pull what is not written down."""
        (row,) = self._db.rows(
            f"""WITH known AS (
                    SELECT {_COLUMNS} FROM plan
                    WHERE module = %(module)s AND state = 'planned' AND origin = %(origin)s AND dag_id = %(dag_id)s
                      AND run_id = %(run_id)s AND field = %(field)s AND since = %(since)s
                      AND window_from = %(start)s AND window_to = %(end)s LIMIT 1),
                fresh AS (
                    INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field,
                                      since, window_from, window_to)
                    SELECT %(module)s || '-' || n, %(module)s, %(origin)s, %(dag_id)s, %(run_id)s, n,
                           %(field)s, %(since)s, %(start)s, %(end)s
                    FROM nextval('plan_number') AS n WHERE NOT EXISTS (SELECT FROM known) RETURNING {_COLUMNS})
                SELECT * FROM known UNION ALL SELECT * FROM fresh""",
            module=module, origin=origin, dag_id=dag_id, run_id=run_id, field=window.field,
            since=since, start=window.start, end=window.end,
        )  # fmt: skip
        return _plan(row)

    def next_planned(self, module: str) -> Plan | None:
        """The oldest plan nobody has pulled yet, also one a killed task left behind."""
        rows = self._db.rows(
            f"""SELECT {_COLUMNS} FROM plan WHERE module = %(module)s AND state = 'planned'
                ORDER BY window_from, window_to, ordinal LIMIT 1""",
            module=module,
        )
        return _plan(rows[0]) if rows else None

    def unfinished(self, module: str) -> bool:
        """Whether something is planned and not pulled, or pulled and not loaded."""
        return bool(
            self._db.rows(
                "SELECT 1 FROM plan WHERE module = %(module)s AND state IN ('planned', 'pulled') LIMIT 1", module=module
            )
        )

    def of_run(self, module: str, dag_id: str, run_id: str) -> list[Plan]:
        """The plans of one run in the order they were pulled: what clearing its pull does again."""
        return [
            _plan(row)
            for row in self._db.rows(
                f"""SELECT {_COLUMNS} FROM plan
                    WHERE module = %(module)s AND dag_id = %(dag_id)s AND run_id = %(run_id)s
                    ORDER BY window_from, window_to, ordinal""",
                module=module,
                dag_id=dag_id,
                run_id=run_id,
            )
        ]

    def begin(self, plan: Plan) -> int:
        """Number of a new attempt; it is never reused, so records of a killed attempt can be told apart."""
        ((attempt,),) = self._db.rows(
            "UPDATE plan SET started = started + 1 WHERE plan_id = %(plan_id)s RETURNING started", plan_id=plan.plan_id
        )
        return int(attempt)

    def split(self, plan: Plan) -> Plan | None:
        """Cut a plan in two: it keeps the first half, a new plan gets the rest; None if one second long."""
        halves = plan.window.halves()
        if halves is None:
            return None
        first, second = halves
        # The rest continues where the first half ends, also when that is the second before its own first one.
        cut = {"plan_id": plan.plan_id, "middle": first.end, "start": second.start, "end": plan.window.end}

        def work(cur: Cursor) -> Plan:
            cur.execute(
                """INSERT INTO plan (plan_id, module, origin, dag_id, run_id, ordinal, field,
                                  since, window_from, window_to)
                   SELECT module || '-' || n, module, origin, dag_id, run_id, n, field,
                          greatest(since, %(middle)s), %(start)s, window_to
                   FROM plan, nextval('plan_number') AS n WHERE plan_id = %(plan_id)s AND window_to = %(end)s""",
                cut,
            )
            cur.execute(
                """UPDATE plan SET window_to = %(middle)s, updated_at = clock_timestamp()
                   WHERE plan_id = %(plan_id)s AND window_to = %(end)s""",
                cut,
            )
            cur.execute(f"SELECT {_COLUMNS} FROM plan WHERE plan_id = %(plan_id)s", cut)
            return _plan(one(cur))

        return self._db.transaction(work)

    def pulled(self, plan: Plan, receipt: Receipt) -> None:
        """The records lie in Kafka: write the receipt, then let the read watermark follow if the plan continues it.

        An attempt older than the one that counts leaves its receipt and nothing else; letters of earlier attempts are
        settled by this one, which met the same records.
        """

        def work(cur: Cursor) -> None:
            cur.execute(
                """INSERT INTO receipt (plan_id, attempt, requests, rows, keys, carried, letters, total_first,
                                        total_last, proof, reason, unknown, offsets, started_at)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
                (receipt.plan_id, receipt.attempt, receipt.requests, receipt.rows, receipt.keys, receipt.carried,
                 receipt.letters, receipt.total_first, receipt.total_last, receipt.proof, receipt.reason,
                 json.dumps(receipt.unknown, ensure_ascii=False), json.dumps(receipt.offsets), receipt.started_at),
            )  # fmt: skip
            cur.execute(
                """UPDATE plan SET state = 'pulled', attempt = %(attempt)s, updated_at = clock_timestamp()
                   WHERE plan_id = %(plan_id)s AND attempt < %(attempt)s""",
                {"plan_id": receipt.plan_id, "attempt": receipt.attempt},
            )
            cur.execute(
                "UPDATE letter SET state = 'redriven' WHERE plan_id = %s AND attempt < %s AND state = 'open'",
                (receipt.plan_id, receipt.attempt),
            )
            if receipt.carried == 0:
                settle(cur, [(receipt.plan_id, receipt.attempt)])
            if plan.origin in ("live", "refresh"):
                cur.execute(
                    """UPDATE watermark SET value = greatest(value, %(end)s), updated_at = clock_timestamp()
                       WHERE module = %(module)s AND kind = 'read' AND value >= %(since)s""",
                    {"module": plan.module, "since": plan.since, "end": plan.window.end},
                )
            follow(cur, plan.module)

        self._db.transaction(work)

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

    def waiting(self, module: str) -> list[tuple[Plan, int, Offsets]]:
        """Plans that lie in Kafka and are not loaded, oldest first, with their records and offsets; ≤ 20,000 records
        unless a single plan has more."""
        rows = self._db.rows(
            f"""SELECT {_COLUMNS}, carried, offsets FROM (
                    SELECT plan.*, receipt.carried, receipt.offsets,
                           sum(receipt.carried) OVER (ORDER BY plan.updated_at, plan.ordinal)
                               - receipt.carried AS before
                    FROM plan JOIN receipt USING (plan_id, attempt)
                    WHERE plan.module = %(module)s AND plan.state = 'pulled') AS waiting
                WHERE before = 0 OR before + carried <= %(most)s ORDER BY updated_at, ordinal LIMIT 500""",
            module=module, most=ROWS_PER_LOAD,
        )  # fmt: skip
        return [(_plan(row[:-2]), row[-2], {int(p): (a, b) for p, (a, b) in row[-1].items()}) for row in rows]

    def loaded(self, module: str, batches: Sequence[tuple[str, int]]) -> None:
        """The batches (plan_id, attempt) are visible in the wide table; a plan pulled again meanwhile stays pulled."""

        def work(cur: Cursor) -> None:
            settle(cur, batches)
            follow(cur, module)

        self._db.transaction(work)

    def pull_again(self, module: str, batches: Sequence[tuple[str, int]]) -> None:
        """Kafka no longer has these batches (plan_id, attempt): plan them again, but those pulled anew meanwhile."""
        self._db.rows(
            """UPDATE plan SET state = 'planned', reason = 'Kafka 中已过期，重新拉取', updated_at = clock_timestamp()
               WHERE module = %(module)s AND state = 'pulled' AND (plan_id, attempt) IN %(batches)s""",
            module=module,
            batches=tuple(batches),
        )


def _moment(row: tuple[Any, ...]) -> datetime:
    moment: datetime = row[0]
    return moment.astimezone(SHANGHAI)
