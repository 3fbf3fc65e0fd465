"""Choose which dead letters are read again and when, which are parked, and which plans are set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from jst.clock import SHANGHAI
from jst.control.cursor_marks import add_mark
from jst.control.database import Cursor, Database, Row, named, one, storable
from jst.control.plan_rows import COLUMNS, insert_plan, new_like, plan_of
from jst.control.plan_states import settle_letters
from jst.control.watermarks import continue_reading, follow_complete
from jst.model.plan import Plan
from jst.model.words import LetterState

FIRST_ASIDE_SECONDS, LONGEST_ASIDE_SECONDS = 120, 3600


@dataclass(frozen=True, slots=True)
class Patience:
    """When to try again: ``tries`` of a letter before it is parked; between two of them ``pause``, which doubles with
    each."""

    tries: int
    pause: timedelta


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters; '' and None leave a condition out. ``since``: when they were made; ``parked``: those too."""

    module: str = ""
    reason: str = ""
    since: datetime | None = None
    parked: bool = True

    @property
    def states(self) -> tuple[LetterState, ...]:
        return ("open", "parked") if self.parked else ("open",)


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan with unsettled letters: ``waiting`` and ``parked`` ones, how many of each reason, keys of the records;
    ``whole``: nothing but these records is missing in what it read."""

    plan_id: str
    module: str
    subject: str
    waiting: int
    parked: int
    reasons: dict[str, int]
    keys: tuple[str, ...]
    tries: int
    whole: bool


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter as a log shows it; ``key`` is '' for a page, and where the record shows none."""

    made_at: datetime
    module: str
    plan_id: str
    key: str
    page: int
    state: LetterState
    tries: int
    cause: str


@dataclass(frozen=True, slots=True)
class LetterCount:
    """Letters of one module, reason and state."""

    module: str
    reason: str
    state: LetterState
    letters: int


_CHOSEN = """(module = %(module)s OR %(module)s = '') AND (reason = %(reason)s OR %(reason)s = '')
             AND (created_at >= %(since)s OR %(since)s IS NULL) AND state IN %(states)s"""


class LetterRedrives:
    """Plans held open by letters; every change is one transaction and may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def held_plans(self, choice: Choice, patience: Patience | None = None) -> list[HeldPlan]:
        """Return the plans that have letters of the choice, oldest first; with ``patience`` only those whose turn it
        is. A plan that is being read (again) already is not among them."""
        pause = patience.pause.total_seconds() if patience else None
        rows = self._db.named_rows(
            f"""SELECT {COLUMNS}, count(*) FILTER (WHERE letter.state = 'open') AS waiting,
                       count(*) FILTER (WHERE letter.state = 'parked') AS parked, array_agg(letter.reason) AS reasons,
                       array_agg(DISTINCT letter.key) AS records, max(tries) AS tries, receipt.proof <> '' AS whole
                FROM letter JOIN plan USING (plan_id) JOIN receipt ON receipt.plan_id = plan.plan_id
                                                                AND receipt.attempt = plan.attempt
                WHERE letter.state <> 'redriven' AND plan.state NOT IN ('planned', 'pulled')
                  AND plan.plan_id IN (SELECT plan_id FROM letter WHERE {_CHOSEN} AND coalesce(tried_at + %(pause)s
                                      * 2 ^ least(20, tries - 1) * interval '1 second' <= clock_timestamp(), true))
                  AND NOT EXISTS (SELECT FROM plan AS again
                                  WHERE again.redrives = plan.plan_id AND again.state IN ('planned', 'pulled'))
                GROUP BY plan.plan_id, receipt.proof ORDER BY plan.window_from, plan.ordinal""",
            **_facts(choice), pause=pause,
        )  # fmt: skip
        return [_held(row) for row in rows]

    def plan_redrive(self, held: HeldPlan, keys: Sequence[str], dag_id: str, run_id: str) -> None:
        """Write down the plan that reads this one's letters again: by ``keys``, or, without, what the plan read. Does
        nothing when another process has: each of two would count the other's letters as read again."""

        def work(cur: Cursor) -> None:
            cur.execute("SELECT FROM plan WHERE plan_id = %s FOR UPDATE", (held.plan_id,))
            cur.execute(
                f"""SELECT {COLUMNS}, receipt.cursor_to FROM plan JOIN receipt USING (plan_id, attempt)
                    WHERE plan_id = %(plan_id)s AND state NOT IN ('planned', 'pulled')
                      AND NOT EXISTS (SELECT FROM plan WHERE redrives = %(plan_id)s AND state IN ('planned', 'pulled'))
                """,
                {"plan_id": held.plan_id},
            )
            for row in named(cur):
                again = replace(
                    new_like(row), origin="redrive", dag_id=dag_id, run_id=run_id, cursor=row["cursor_from"],
                    until=row["cursor_to"], keys=keys or row["keys"] or (), redrives=held.plan_id,
                )  # fmt: skip
                insert_plan(cur, again)
                cur.execute("UPDATE letter SET met = false WHERE plan_id = %s AND state <> 'redriven'", (held.plan_id,))

        self._db.transaction(work)

    def due(self) -> list[str]:
        """Return modules with a plan of origin redrive that is not pulled and whose time has come."""
        rows = self._db.rows(
            """SELECT DISTINCT module FROM plan WHERE origin = 'redrive' AND state = 'planned'
               AND coalesce(not_before <= clock_timestamp(), true) ORDER BY module"""
        )
        return [module for (module,) in rows]

    def park(self, choice: Choice, tries: int = 0) -> int:
        """Park the open letters of the choice that were tried so often; their windows become excepted when nothing else
        is missing, and the complete watermark passes them. Returns how many letters."""

        def work(cur: Cursor) -> int:
            cur.execute(
                f"""UPDATE letter SET state = 'parked' WHERE {_CHOSEN} AND state = 'open' AND tries >= %(tries)s
                    RETURNING plan_id, module""",
                {**_facts(choice), "tries": tries},
            )
            parked = cur.fetchall()
            _conclude(cur, parked)
            return len(parked)

        return self._db.transaction(work)

    def settle(self) -> None:
        """Update the state of every plan with unsettled letters."""

        def work(cur: Cursor) -> None:
            cur.execute("SELECT DISTINCT plan_id, module FROM letter WHERE state <> 'redriven'")
            _conclude(cur, cur.fetchall())

        self._db.transaction(work)

    def counts(self, choice: Choice) -> list[LetterCount]:
        """Count the letters of the choice by module, reason and state."""
        rows = self._db.rows(
            f"""SELECT module, reason, state, count(*) FROM letter WHERE {_CHOSEN}
                GROUP BY module, reason, state ORDER BY module, state, reason""",
            **_facts(choice),
        )
        return [LetterCount(*row) for row in rows]

    def newest(self, choice: Choice, most: int) -> list[LetterLine]:
        """Return the newest letters of the choice, at most ``most``."""
        rows = self._db.rows(
            f"""SELECT created_at, module, plan_id, key, page, state, tries, cause FROM letter WHERE {_CHOSEN}
                ORDER BY created_at DESC, position DESC LIMIT %(most)s""",
            **_facts(choice), most=most,
        )  # fmt: skip
        return [LetterLine(made_at.astimezone(SHANGHAI), *rest) for made_at, *rest in rows]

    def attempts(self, plan: Plan) -> int:
        """Return how often pulling the plan was begun."""
        ((started,),) = self._db.rows("SELECT started FROM plan WHERE plan_id = %(plan_id)s", plan_id=plan.plan_id)
        return int(started)

    def set_aside(self, plan: Plan, why: str, until: int | None = None) -> datetime:
        """Hand a plan whose first page keeps failing over to re-drive, which tries it again after a pause that doubles:
        2 minutes to an hour. The live feed goes on behind it, along a cursor from ts ``until``; the complete watermark
        stands before it and says ``why``. Returns when it is tried again."""
        facts = {
            "plan_id": plan.plan_id, "module": plan.module, "why": storable(why[:500]), "until": until,
            "first": FIRST_ASIDE_SECONDS, "most": LONGEST_ASIDE_SECONDS,
        }  # fmt: skip

        def work(cur: Cursor) -> datetime:
            cur.execute(
                """UPDATE plan SET origin = 'redrive', reason = %(why)s, failures = failures + 1,
                          cursor_until = coalesce(cursor_until, %(until)s), updated_at = clock_timestamp(),
                          not_before = clock_timestamp()
                              + least(%(most)s, %(first)s * 2 ^ least(20, failures)) * interval '1 second'
                   WHERE plan_id = %(plan_id)s RETURNING not_before""",
                facts,
            )
            (again,) = one(cur)
            if plan.continues_live:
                continue_reading(cur, plan)
            if until is not None:
                cur.execute("DELETE FROM cursor_mark WHERE module = %(module)s AND value < %(until)s", facts)
                add_mark(cur, plan.module, until)
            follow_complete(cur, plan.module)
            moment: datetime = again.astimezone(SHANGHAI)
            return moment

        return self._db.transaction(work)


def _conclude(cur: Cursor, concerned: Iterable[tuple[str, str]]) -> None:
    """Update the state of these (plan_id, module)."""
    pairs = list(concerned)
    settle_letters(cur, {plan_id for plan_id, _ in pairs})
    for module in sorted({module for _, module in pairs}):
        follow_complete(cur, module)


def _facts(choice: Choice) -> dict[str, Any]:
    return {"module": choice.module, "reason": choice.reason, "since": choice.since, "states": choice.states}


def _held(row: Row) -> HeldPlan:
    plan = plan_of(row)
    reasons: list[str] = row["reasons"]
    return HeldPlan(
        plan_id=plan.plan_id,
        module=plan.module,
        subject=plan.subject,
        waiting=row["waiting"],
        parked=row["parked"],
        reasons={reason: reasons.count(reason) for reason in sorted(set(reasons))},
        keys=tuple(row["records"]),
        tries=row["tries"],
        whole=row["whole"],
    )
