"""Keep who asked for which replenishment plan, how far it is, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from psycopg2.extras import Json

from jst.control.database import Cursor, Database, storable

State = Literal["waiting", "running", "done", "failed"]
_COLUMNS = """replenishment_id, run_id, origin, asked_by, asked_at, params, state, progress, share, moved_at, lines,
    amount"""


@dataclass(frozen=True, slots=True)
class Replenishment:
    """A plan. ``params``: as they were filled in; ``progress``: the last step, or why it failed, in Chinese; ``share``
    of it that is done, None where it is not known; ``amount``: purchase at cost, for role finance only."""

    replenishment_id: int
    run_id: str
    origin: Literal["board", "hand"]
    asked_by: str
    asked_at: datetime
    params: dict[str, Any]
    state: State
    progress: str
    share: float | None
    moved_at: datetime
    lines: int | None
    amount: Decimal | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to come."""
        return self.state in ("waiting", "running")


class Replenishments:
    """All plans ever asked for."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def ask(self, run_id: str, by: str, params: Mapping[str, Any]) -> Replenishment:
        """Note that a person asks on the board; returns the plan that this person has open: of another ``run_id`` when
        there was one, however fast one clicks twice."""

        def work(cur: Cursor) -> Replenishment:
            cur.execute(
                """INSERT INTO replenishment (run_id, origin, asked_by, params)
                   VALUES (%(run)s, 'board', %(by)s, %(params)s) ON CONFLICT DO NOTHING""",
                {"run": run_id, "by": storable(by), "params": Json(dict(params))},
            )
            cur.execute(
                f"""SELECT {_COLUMNS} FROM replenishment
                    WHERE run_id = %(run)s OR (asked_by = %(by)s AND origin = 'board'
                                               AND state IN ('waiting', 'running'))
                    ORDER BY run_id = %(run)s DESC LIMIT 1""",
                {"run": run_id, "by": storable(by)},
            )
            row = cur.fetchone()
            # the open one may have ended between the two statements; then it is asked again
            return Replenishment(*row) if row else work(cur)

        return self._db.transaction(work)

    def of_run(self, run_id: str, by: str, params: Mapping[str, Any]) -> Replenishment:
        """Return the plan of a run, and note one that was started in Airflow by hand. A run that is cleared after it
        failed goes on as one by hand: its person may have asked for another meanwhile."""
        self._db.rows(
            """INSERT INTO replenishment (run_id, origin, asked_by, params)
               VALUES (%(run)s, 'hand', %(by)s, %(params)s) ON CONFLICT DO NOTHING""",
            run=run_id, by=storable(by), params=Json(dict(params)),
        )  # fmt: skip
        ((*row,),) = self._db.rows(
            f"""UPDATE replenishment
                SET state = CASE state WHEN 'done' THEN state ELSE 'running' END,
                    origin = CASE state WHEN 'failed' THEN 'hand' ELSE origin END,
                    moved_at = CASE state WHEN 'done' THEN moved_at ELSE clock_timestamp() END
                WHERE run_id = %(run)s RETURNING {_COLUMNS}""",
            run=run_id,
        )
        return Replenishment(*row)

    def note(self, replenishment_id: int, progress: str, share: float | None = None) -> None:
        """Note the last step of a plan that is open."""
        self._db.rows(
            """UPDATE replenishment SET progress = %(progress)s, share = %(share)s, moved_at = clock_timestamp()
               WHERE replenishment_id = %(id)s AND state IN ('waiting', 'running')""",
            id=replenishment_id, progress=storable(progress), share=share,
        )  # fmt: skip

    def done(self, replenishment_id: int, lines: int, amount: Decimal) -> None:
        """Note that the lines of a plan are stored; its file can be had from now on."""
        self._db.rows(
            """UPDATE replenishment SET state = 'done', progress = '', share = 1, moved_at = clock_timestamp(),
                   lines = %(lines)s, amount = %(amount)s
               WHERE replenishment_id = %(id)s AND state <> 'done'""",
            id=replenishment_id, lines=lines, amount=amount,
        )  # fmt: skip

    def fail(self, replenishment_id: int, why: str) -> None:
        """Note that nothing comes of a plan any more; one that is done stays done."""
        self._db.rows(
            """UPDATE replenishment SET state = 'failed', progress = %(why)s, share = NULL,
                   moved_at = clock_timestamp()
               WHERE replenishment_id = %(id)s AND state IN ('waiting', 'running')""",
            id=replenishment_id, why=storable(why),
        )  # fmt: skip

    def one(self, replenishment_id: int) -> Replenishment | None:
        """Return a plan, None when there is none of this number."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM replenishment WHERE replenishment_id = %(id)s", id=replenishment_id
        )
        return Replenishment(*rows[0]) if rows else None

    def listed(self, most: int = 100) -> list[Replenishment]:
        """List the plans, the newest first."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM replenishment ORDER BY replenishment_id DESC LIMIT %(most)s", most=most
        )
        return [Replenishment(*row) for row in rows]
