"""Which kind of stock is read and which is shown, and the warehouses asked for theirs: tables ``stock_kind`` and
``branch``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jst.control.database import Cursor, Database
from jst.control.plan_rows import NewPlan, insert_plan
from jst.control.watermarks import follow_complete
from jst.model.window import Window
from jst.model.words import StockKind, stock_facts


@dataclass(frozen=True, slots=True)
class StockStanding:
    """What stands written. ``read`` None: nothing was read yet; else it is read ``since`` then. ``branches``: the
    warehouses to be asked, by number; ``listed_ago``: seconds since the source listed them, None before."""

    read: StockKind | None = None
    shown: StockKind | None = None
    settled: bool = True
    branches: tuple[int, ...] = ()
    listed_ago: float | None = None
    since: datetime | None = None

    @property
    def facts(self) -> dict[str, str]:
        """What the statements of ``include/sql`` have to know of it."""
        return stock_facts(self.read, self.shown)


@dataclass(frozen=True, slots=True)
class FirstLoad:
    """How records that were not asked for before are read: in ``windows``, or along a cursor from ts 0 (``by_cursor``).
    They are of ``since`` and before; the newest is not read before ``not_before``: until then another process may read
    without them."""

    windows: Sequence[Window]
    since: datetime
    not_before: datetime
    by_cursor: bool


class StockKinds:
    """The kind of stock of this installation; every change is one transaction and may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def standing(self) -> StockStanding:
        """Return what is read, and of which warehouses."""
        rows = self._db.rows(
            """SELECT read, shown, settled,
                      coalesce((SELECT array_agg(wms_co_id ORDER BY wms_co_id) FROM branch WHERE listed), '{}'),
                      extract(epoch FROM clock_timestamp() - listed_at)::float, since
               FROM stock_kind"""
        )
        for read, shown, settled, branches, listed_ago, since in rows:
            return StockStanding(read, shown, settled, tuple(branches), listed_ago, since)
        return StockStanding()

    def shown(self) -> StockKind:
        """Return which kind the wide tables have: what a board may say of them."""
        return self.standing().shown or "total"

    def start(self, kind: StockKind) -> None:
        """Note which kind an installation without stock reads, unless another process has."""
        self._db.rows(
            "INSERT INTO stock_kind (read, shown) VALUES (%(kind)s, %(kind)s) ON CONFLICT DO NOTHING", kind=kind
        )

    def switch(self, module: str, kind: StockKind, load: FirstLoad, dag_id: str, run_id: str) -> bool:
        """Read the other kind from now on, all of it anew; False when that is read already. What the tables have stays
        shown until ``load`` is done. Questions by key of the kind before are forgotten: they name no record of this."""

        def work(cur: Cursor) -> bool:
            cur.execute(
                """UPDATE stock_kind SET read = %s, settled = false, since = clock_timestamp(), listed_at = NULL
                   WHERE read <> %s""",
                (kind, kind),
            )
            if not cur.rowcount:
                return False
            cur.execute("DELETE FROM branch")
            cur.execute("DELETE FROM lost WHERE module = %s", (module,))
            cur.execute(
                """WITH forgotten AS (DELETE FROM plan WHERE module = %s AND state = 'planned' AND keys IS NOT NULL
                                      RETURNING redrives)
                   -- without a plan for them they would count as read again
                   UPDATE letter SET met = true
                   WHERE state <> 'redriven' AND plan_id IN (SELECT redrives FROM forgotten)
                """,
                (module,),
            )
            cur.execute("DELETE FROM plan WHERE module = %s AND state = 'planned' AND branches IS NOT NULL", (module,))
            if kind == "total":  # the other kind is loaded once its warehouses are known
                _plan(cur, module, load, dag_id, run_id)
            follow_complete(cur, module)
            return True

        return self._db.transaction(work)

    def note_branches(self, module: str, listed: Sequence[int], load: FirstLoad, dag_id: str, run_id: str) -> list[int]:
        """Note which warehouses the source lists; returns those that are asked from now on and were not before.

        What they have already is planned to be read beside live, unless live reading has not begun: then all of it
        will be.
        """

        def work(cur: Cursor) -> list[int]:
            # one list after the other: the older one must not take away what the newer one has
            cur.execute("UPDATE stock_kind SET listed_at = clock_timestamp() WHERE read = 'per_warehouse'")
            if not cur.rowcount:
                return []
            cur.execute("UPDATE branch SET listed = false WHERE listed AND NOT wms_co_id = ANY(%s)", (list(listed),))
            cur.execute(
                """INSERT INTO branch AS known (wms_co_id) SELECT unnest(%s::bigint[])
                   ON CONFLICT (wms_co_id) DO UPDATE SET listed = true, since = clock_timestamp() WHERE NOT known.listed
                   RETURNING wms_co_id""",
                (list(listed),),
            )
            new = sorted(wms_co_id for (wms_co_id,) in cur.fetchall())
            cur.execute("SELECT FROM watermark WHERE module = %s AND kind = 'read'", (module,))
            if new and cur.rowcount:
                _plan(cur, module, load, dag_id, run_id, new)
                follow_complete(cur, module)
            return new

        return self._db.transaction(work)

    def may_show_read(self, module: str) -> bool:
        """Say whether the tables hold two kinds, or the one that is read no more, and the one that is read is loaded
        as a whole."""
        return bool(
            self._db.rows(
                """SELECT 1 FROM stock_kind
                   WHERE NOT settled AND (read = 'total' OR EXISTS (SELECT FROM branch))
                     AND NOT EXISTS (SELECT FROM plan WHERE module = %(module)s AND origin IN ('initial', 'gap')
                                                        AND proven_at IS NULL)""",
                module=module,
            )
        )

    def show_read(self) -> None:
        """Note that the tables have nothing but the kind that is read."""
        self._db.rows("UPDATE stock_kind SET shown = read, settled = true")


def _plan(cur: Cursor, module: str, load: FirstLoad, dag_id: str, run_id: str, branches: Sequence[int] = ()) -> None:
    cursor = 0 if load.by_cursor else None
    for window in load.windows:
        not_before = load.not_before if window is load.windows[0] else None
        insert_plan(
            cur,
            NewPlan(module, "gap", dag_id, run_id, window, load.since, cursor=cursor, branches=branches,
                    not_before=not_before),
        )  # fmt: skip
