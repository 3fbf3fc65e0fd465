"""Remember which modules the source does not answer by key."""

from __future__ import annotations

from datetime import timedelta

from jst.control.database import Cursor, Database, storable
from jst.errors import Unaccepted
from jst.model.plan import Plan

ASKED_AGAIN_AFTER = timedelta(days=1)
"""A source that is updated may answer by key one day; asking one that does not costs two requests."""


class KeyRefusals:
    """The modules of which questions by key are refused; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def stands(self, module: str) -> bool:
        """Say whether the source has refused questions by key within the last day."""
        return bool(
            self._db.rows(
                "SELECT 1 FROM key_refusal WHERE module = %(m)s AND refused_at > clock_timestamp() - %(after)s",
                m=module,
                after=ASKED_AGAIN_AFTER,
            )
        )

    def note(self, module: str, said: str) -> bool:
        """Note that the source refuses them now; returns whether that is new."""
        ((new,),) = self._db.rows(
            """INSERT INTO key_refusal AS known (module, said) VALUES (%(module)s, %(said)s)
               ON CONFLICT (module) DO UPDATE SET said = excluded.said, refused_at = excluded.refused_at
               RETURNING xmax = 0""",
            module=module, said=storable(said),
        )  # fmt: skip
        return bool(new)

    def forget(self, module: str) -> bool:
        """Note that the source answers them; returns whether it did not before."""
        return bool(self._db.rows("DELETE FROM key_refusal WHERE module = %(module)s RETURNING 1", module=module))

    def withdraw(self, plan: Plan) -> None:
        """Take back a plan by key that the source does not answer: nothing was read of it, and the one who wrote it
        reads by windows instead. Letters it was for count as tried once more.

        Raises Unaccepted when it was pulled before: what it brought then stays.
        """

        def work(cur: Cursor) -> bool:
            cur.execute("DELETE FROM plan WHERE plan_id = %s AND state = 'planned'", (plan.plan_id,))
            if cur.rowcount and plan.redrives:  # without a plan for them they would count as read again
                cur.execute(
                    """UPDATE letter SET met = true, tries = tries + 1, tried_at = clock_timestamp()
                       WHERE plan_id = %s AND state <> 'redriven'""",
                    (plan.redrives,),
                )
            cur.execute("SELECT FROM plan WHERE plan_id = %s", (plan.plan_id,))
            return not cur.rowcount

        if not self._db.transaction(work):
            raise Unaccepted(
                "源端已不再按主键回答，这个按主键的计划不能重做",
                do="不必重做：它以前拉到的数据都在，以后的核对按窗口读",
            ).at(module=plan.module, window=plan.subject)
