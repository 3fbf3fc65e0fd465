"""Keep certificates of business days, and return what the plans behind one have come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from psycopg2.extras import Json

from jst.clock import SHANGHAI
from jst.control.database import Cursor, Database
from jst.control.lock_numbers import certificate_lock
from jst.model.certificate import Certificate
from jst.model.words import PlanState


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate as it was issued; ``number`` counts those of its day and module."""

    certificate: Certificate
    number: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What pulling one plan has come to. ``attempt``: whose records count, 0 before the first; it ``carried`` so many
    into Kafka."""

    plan_id: str
    attempt: int
    state: PlanState
    reason: str
    carried: int


class CertificateLog:
    """All certificates; a later one of the same day and module counts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def issue(self, certificate: Certificate, dag_id: str, run_id: str) -> int:
        """Keep the certificate beside the earlier ones; returns its number."""
        c = certificate

        def work(cur: Cursor) -> int:
            # two checks of one day at once would otherwise get the same number
            cur.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (certificate_lock(c.day, c.module),))
            cur.execute(
                """INSERT INTO certificate (day, module, number, state, rows, keys, source_amount, our_amount, missing,
                                            surplus, different, moved, exceptions, reasons, dag_id, run_id)
                   SELECT %(day)s, %(module)s, coalesce(max(number), 0) + 1, %(state)s, %(rows)s, %(keys)s,
                          %(source)s, %(ours)s, %(missing)s, %(surplus)s, %(different)s, %(moved)s, %(exceptions)s,
                          %(reasons)s, %(dag_id)s, %(run_id)s
                   FROM certificate WHERE day = %(day)s AND module = %(module)s RETURNING number""",
                {"day": c.day, "module": c.module, "state": c.state, "rows": c.rows, "keys": c.keys,
                 "source": c.source_amount, "ours": c.our_amount, "missing": c.missing, "surplus": c.surplus,
                 "different": c.different, "moved": c.moved, "exceptions": c.exceptions,
                 "reasons": Json(list(c.reasons)), "dag_id": dag_id, "run_id": run_id},
            )  # fmt: skip
            ((number,),) = cur.fetchall()
            return int(number)

        return self._db.transaction(work)

    def of_day(self, day: date) -> list[Issued]:
        """Return the certificate that counts of every module, by module."""
        rows = self._db.rows(
            """SELECT DISTINCT ON (module) day, module, rows, keys, source_amount, our_amount, missing, surplus,
                      different, moved, exceptions, reasons, number, issued_at
               FROM certificate WHERE day = %(day)s ORDER BY module, number DESC""",
            day=day,
        )
        return [
            Issued(replace(Certificate(*facts), reasons=tuple(reasons)), number, issued_at.astimezone(SHANGHAI))
            for *facts, reasons, number, issued_at in rows
        ]

    def outcomes(self, plan_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return plan_id → what pulling it has come to."""
        rows = self._db.rows(
            """SELECT plan_id, attempt, plan.state, plan.reason, coalesce(receipt.carried, 0)
               FROM plan LEFT JOIN receipt USING (plan_id, attempt) WHERE plan_id = ANY(%(plans)s)""",
            plans=list(plan_ids),
        )
        return {row[0]: Outcome(*row) for row in rows}

    def not_pulled_since(self, plan_ids: Sequence[str], began: datetime) -> set[str]:
        """Return those of the plans that were not pulled to their receipt since ``began``."""
        rows = self._db.rows(
            """SELECT plan_id FROM plan LEFT JOIN receipt USING (plan_id, attempt)
               WHERE plan_id = ANY(%(plans)s) AND (state = 'planned' OR receipt.finished_at IS NULL
                                                   OR receipt.finished_at < %(began)s)""",
            plans=list(plan_ids),
            began=began,
        )
        return {plan_id for (plan_id,) in rows}

    def parked(self, plan_ids: Sequence[str]) -> int:
        """Count the parked letters of the plans; a record that two plans read is one."""
        ((count,),) = self._db.rows(
            """SELECT count(DISTINCT coalesce(nullif(key, ''), plan_id || ' ' || page)) FROM letter
               WHERE plan_id = ANY(%(plans)s) AND state = 'parked'""",
            plans=list(plan_ids),
        )
        return int(count)

    def keys_with_letters(self, module: str) -> set[str]:
        """Return keys of the module's records that wait as letters."""
        rows = self._db.rows("SELECT key FROM letter WHERE module = %(m)s AND state <> 'redriven'", m=module)
        return {key for (key,) in rows}

    def now(self) -> datetime:
        """Return the time by the clock that dates receipts, in Shanghai."""
        ((moment,),) = self._db.rows("SELECT clock_timestamp()")
        return moment.astimezone(SHANGHAI)  # type: ignore[no-any-return]
