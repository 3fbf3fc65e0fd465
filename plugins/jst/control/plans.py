"""Keep plans and receipts in the control database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from jst.control.cursor_marks import mark_cursor
from jst.control.database import Cursor, Database, named
from jst.control.key_refusals import KeyRefusals
from jst.control.label_searches import LabelSearches
from jst.control.letter_redrive import LetterRedrives
from jst.control.load_progress import gaps
from jst.control.mart_days import MartDays
from jst.control.plan_rows import COLUMNS, NewPlan, find_planned, insert_plan, insert_receipt, new_like, plan_of
from jst.control.plan_states import note_letters, settle_batches
from jst.control.stock_kinds import StockKinds
from jst.control.watermarks import Watermarks, continue_reading, follow_complete
from jst.model.plan import Offsets, Plan, Receipt, Recent
from jst.model.window import Window
from jst.model.words import Origin

ROWS_PER_LOAD = 20_000
Waiting = tuple[Plan, int, Offsets]
"""A plan, how many records it carried, and where they lie."""


class Plans:
    """All state changes of plans; each is one transaction and may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.watermarks = Watermarks(database)
        self.redrives = LetterRedrives(database)
        self.key_refusals = KeyRefusals(database)
        self.marts = MartDays(database)
        self.labels = LabelSearches(database)
        self.stock_kinds = StockKinds(database)

    def add(
        self, module: str, origin: Origin, dag_id: str, run_id: str, window: Window, since: datetime,
        *, cursor: int | None = None, until: int | None = None, keys: Sequence[str] | None = None,
    ) -> Plan:  # fmt: skip
        """Write a plan down before its first request, so that nothing is pulled that is not written down; the same one
        is written once."""
        new = NewPlan(module, origin, dag_id, run_id, window, since, cursor=cursor, until=until, keys=keys or ())

        return self._db.transaction(lambda cur: find_planned(cur, new) or insert_plan(cur, new))

    def next_planned(self, module: str, origin: Origin, dag_id: str = "") -> Plan | None:
        """Return the plan of ``origin`` (of one DAG, if given) whose turn it is, also one a killed task left behind:
        the oldest, and of the first load and of a gap the newest, because people want today before last week. Those set
        aside wait for their time."""
        order = "window_to DESC, window_from DESC" if origin in ("initial", "gap") else "window_from, window_to"
        rows = self._db.named_rows(
            f"""SELECT {COLUMNS} FROM plan WHERE module = %(module)s AND origin = %(origin)s AND state = 'planned'
                  AND coalesce(not_before <= clock_timestamp(), true) AND %(dag_id)s IN ('', dag_id)
                ORDER BY {order}, ordinal LIMIT 1""",
            module=module, origin=origin, dag_id=dag_id,
        )  # fmt: skip
        return plan_of(rows[0]) if rows else None

    def unfinished(self, module: str) -> bool:
        """Say whether the live feed has something planned and not pulled, or anything is pulled and not loaded."""
        return bool(
            self._db.rows(
                """SELECT 1 FROM plan WHERE module = %(module)s
                   AND (state = 'pulled' OR (state = 'planned' AND origin IN ('live', 'gap'))) LIMIT 1""",
                module=module,
            )
        )

    def recent(self, module: str) -> Recent | None:
        """Return what the live feed's last two minutes brought; None when it read nothing."""
        ((carried, requests, spent, covered),) = self._db.rows(
            """SELECT sum(carried), sum(requests), extract(epoch FROM sum(finished_at - started_at))::float,
                      extract(epoch FROM max(window_to) - min(since))::float
               FROM plan JOIN receipt USING (plan_id, attempt)
               WHERE module = %(module)s AND origin = 'live'
                 AND window_to > clock_timestamp() - interval '2 minutes'""",
            module=module,
        )
        return Recent(carried / covered, spent / requests) if requests and covered else None

    def gap(self, module: str) -> str:
        """Return how far the working off of the module's gap is, for its log; empty without one."""
        return next((str(each) for each in gaps(self._db) if each.module == module), "")

    def of_run(self, module: str, dag_id: str, run_id: str) -> list[Plan]:
        """Return the plans of one run in the order they were pulled: what clearing its pull does again. Those read by
        cursor end where they ended before."""
        rows = self._db.named_rows(
            f"""SELECT {COLUMNS},
                       coalesce((SELECT cursor_to FROM receipt WHERE receipt.plan_id = plan.plan_id
                                                                 AND receipt.attempt = plan.attempt),
                                cursor_until) AS ended_at
                FROM plan WHERE module = %(module)s AND dag_id = %(dag_id)s AND run_id = %(run_id)s
                ORDER BY window_from, window_to, ordinal""",
            module=module,
            dag_id=dag_id,
            run_id=run_id,
        )
        return [replace(plan_of(row), until=row["ended_at"]) for row in rows]

    def unproven(self, module: str, dag_id: str) -> list[Plan]:
        """Return what a DAG has planned of a module and not proven, except what waits for its letters or to be
        loaded."""
        rows = self._db.named_rows(
            f"""SELECT {COLUMNS} FROM plan
                WHERE module = %(module)s AND dag_id = %(dag_id)s AND (state = 'planned' OR (state = 'open' AND EXISTS
                      (SELECT FROM receipt AS r WHERE r.plan_id = plan.plan_id AND r.attempt = plan.attempt
                                                  AND r.letters = 0))) ORDER BY ordinal""",
            module=module,
            dag_id=dag_id,
        )
        return [plan_of(row) for row in rows]

    def start_attempt(self, plan: Plan) -> int:
        """Return the number of a new attempt; it is never reused, so records of a killed attempt can be
        distinguished."""
        ((attempt,),) = self._db.rows(
            """UPDATE plan SET started = started + 1, begun_at = clock_timestamp()
               WHERE plan_id = %(plan_id)s RETURNING started""",
            plan_id=plan.plan_id,
        )
        return int(attempt)

    def split(self, plan: Plan, rows: int | None = None) -> Plan | None:
        """Cut a plan of ``rows`` in two: it keeps the first half, a new plan gets the rest; None if one second long."""
        halves = plan.window.halves()
        if halves is None:
            return None
        first, second = halves
        half = None if rows is None else rows // 2

        def work(cur: Cursor) -> Plan:
            cut = {"plan_id": plan.plan_id, "middle": first.end, "end": plan.window.end, "half": half}
            cur.execute(f"SELECT {COLUMNS} FROM plan WHERE plan_id = %(plan_id)s AND window_to = %(end)s", cut)
            for row in named(cur):
                # The rest continues where the first half ends, also when that is the second before its own first one.
                since = max(plan_of(row).since, first.end)
                insert_plan(
                    cur, replace(new_like(row), window=second, since=since, redrives=row["redrives"], expected=half)
                )
            cur.execute(
                """UPDATE plan SET window_to = %(middle)s, expected = %(half)s, updated_at = clock_timestamp()
                   WHERE plan_id = %(plan_id)s AND window_to = %(end)s""",
                cut,
            )
            cur.execute(f"SELECT {COLUMNS} FROM plan WHERE plan_id = %(plan_id)s", cut)
            (kept,) = named(cur)
            return plan_of(kept)

        return self._db.transaction(work)

    def pulled(self, plan: Plan, receipt: Receipt) -> None:
        """Write the receipt, as the records lie in Kafka, then let the read watermark follow if the plan continues it.

        An attempt older than the one that counts leaves its receipt and nothing else; letters of earlier attempts are
        settled by this one, unless it brought them again.
        """

        def work(cur: Cursor) -> None:
            cur.execute(
                "SELECT FROM plan WHERE plan_id IN (%s, %s) ORDER BY plan_id FOR UPDATE", (plan.plan_id, plan.original)
            )
            insert_receipt(cur, receipt)
            cur.execute(
                """UPDATE plan SET state = 'pulled', attempt = %(attempt)s, updated_at = clock_timestamp()
                   WHERE plan_id = %(plan_id)s AND attempt < %(attempt)s""",
                {"plan_id": receipt.plan_id, "attempt": receipt.attempt},
            )
            if cur.rowcount:
                note_letters(cur, plan, receipt)
            if receipt.more:
                _go_on(cur, plan, receipt)
            if receipt.carried == 0:
                settle_batches(cur, [(receipt.plan_id, receipt.attempt)])
            if plan.continues_live and receipt.cursor is not None:
                mark_cursor(cur, plan, receipt.cursor, receipt.settled)
            if plan.continues_live and not receipt.more:
                continue_reading(cur, plan)
            follow_complete(cur, plan.module)

        self._db.transaction(work)

    def waiting(self, module: str, most: int = ROWS_PER_LOAD) -> list[Waiting]:
        """Return plans that lie in Kafka and are not loaded, oldest first, with their records and offsets; ≤ ``most``
        records unless a single plan has more."""
        rows = self._db.named_rows(
            f"""SELECT {COLUMNS}, carried, offsets FROM (
                    SELECT plan.*, receipt.carried, receipt.offsets,
                           sum(receipt.carried) OVER (ORDER BY plan.updated_at, plan.ordinal)
                               - receipt.carried AS before
                    FROM plan JOIN receipt USING (plan_id, attempt)
                    WHERE plan.module = %(module)s AND plan.state = 'pulled') AS plan
                WHERE before = 0 OR before + carried <= %(most)s ORDER BY updated_at, ordinal LIMIT 500""",
            module=module, most=most,
        )  # fmt: skip
        return [(plan_of(row), row["carried"], _offsets(row["offsets"])) for row in rows]

    def loaded(self, module: str, batches: Sequence[tuple[str, int]]) -> None:
        """Note that the batches (plan_id, attempt) are visible in the wide table; a plan pulled again meanwhile stays
        pulled."""

        def work(cur: Cursor) -> None:
            settle_batches(cur, batches)
            follow_complete(cur, module)

        self._db.transaction(work)

    def pull_again(self, module: str, batches: Sequence[tuple[str, int]]) -> None:
        """Plan these batches (plan_id, attempt) again, which Kafka no longer has; but not those pulled anew
        meanwhile."""
        self._db.rows(
            """UPDATE plan SET state = 'planned', reason = 'Kafka 中已过期，重新拉取', updated_at = clock_timestamp()
               WHERE module = %(module)s AND state = 'pulled' AND (plan_id, attempt) IN %(batches)s""",
            module=module,
            batches=tuple(batches),
        )


def _go_on(cur: Cursor, plan: Plan, receipt: Receipt) -> None:
    """Write down the plan that goes on from where the cursor stopped; the plan that was read answers for no time at
    all."""
    this = (plan.plan_id, receipt.attempt)
    cur.execute(f"SELECT {COLUMNS} FROM plan WHERE plan_id = %s AND attempt = %s AND window_to > window_from", this)
    for row in named(cur):
        insert_plan(cur, replace(new_like(row), cursor=receipt.cursor, until=row["cursor_until"]))
    cur.execute("UPDATE plan SET window_to = window_from WHERE plan_id = %s AND attempt = %s", this)


def _offsets(stored: Mapping[str, tuple[int, int]]) -> Offsets:
    return {int(partition): (first, end) for partition, (first, end) in stored.items()}
