"""The backups that were made, as the control database remembers them: their age is looked at from here."""

from __future__ import annotations

from datetime import datetime

from jst.control.database import Cursor, Database, one, storable

FAR_AHEAD_PLANS, FAR_AHEAD_TICKETS = 1_000_000, 10_000_000
"""More than is made between a backup and the loss of what was backed up."""


class BackupLog:
    """The table of backups; every change may be repeated."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, name: str, base: str) -> None:
        """Note that a backup begins; ``base`` '' when it is full."""
        self._db.rows(
            "INSERT INTO backup (name, base) VALUES (%(name)s, nullif(%(base)s, '')) ON CONFLICT DO NOTHING",
            name=name, base=base,
        )  # fmt: skip

    def finish(self, name: str, control_bytes: int, warehouse_bytes: int) -> None:
        """Note that it is complete."""
        self._db.rows(
            """UPDATE backup SET finished_at = clock_timestamp(), control_bytes = %(control)s,
                      warehouse_bytes = %(warehouse)s, trouble = '' WHERE name = %(name)s""",
            name=name, control=control_bytes, warehouse=warehouse_bytes,
        )  # fmt: skip

    def fail(self, name: str, trouble: str) -> None:
        """Note why it did not come to its end."""
        self._db.rows("UPDATE backup SET trouble = %(why)s WHERE name = %(name)s", name=name, why=storable(trouble))

    def is_used(self) -> bool:
        """Say whether the control database has plans already, which a restore would take away."""
        ((there,),) = self._db.rows("SELECT to_regclass('plan') IS NOT NULL")
        return bool(there and self._db.rows("SELECT 1 FROM plan LIMIT 1"))

    def begin_filling(self) -> None:
        """Note that ClickHouse is being filled: until the end of it what it holds is not whole."""
        self._db.rows("CREATE TABLE IF NOT EXISTS restoring ()")

    def is_filling(self) -> bool:
        """Say whether filling ClickHouse has begun and not come to its end."""
        return self._db.rows("SELECT to_regclass('restoring') IS NOT NULL") == [(True,)]

    def end_filling(self) -> None:
        """Note that ClickHouse is whole."""
        self._db.rows("DROP TABLE IF EXISTS restoring")

    def clear(self) -> None:
        """Drop every table, view and sequence of a control database that is not used: a restore makes those of its
        time."""

        def work(cur: Cursor) -> None:
            cur.execute(
                """SELECT format('DROP %s IF EXISTS %I CASCADE',
                                 CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname)
                   FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v', 'S')
                   ORDER BY relkind DESC"""
            )
            for (drop,) in cur.fetchall():
                cur.execute(drop)

        self._db.transaction(work)

    def put_back(self, name: str, finished_at: datetime) -> None:
        """Bring what was just restored to where it may go on: ahead of everything that was made since the backup.

        Numbers of plans and requests never come twice, or records that lie in Kafka and rows that lie in ClickHouse
        would be taken for those of today. Reports that waited may have gone out since. Nodes have to prove themselves.
        """

        def work(cur: Cursor) -> None:
            cur.execute("SELECT setval('plan_number', nextval('plan_number') + %s)", (FAR_AHEAD_PLANS,))
            one(cur)
            cur.execute("UPDATE credential SET ticket = ticket + %s", (FAR_AHEAD_TICKETS,))
            cur.execute(
                """UPDATE message SET state = 'maybe_sent', due_at = NULL, moved_at = clock_timestamp(),
                          what = '从备份恢复：备份之后可能已经发出', "do" = '没有收到时点“再发一次”'
                   WHERE kind = 'report' AND state IN ('waiting', 'sending')"""
            )
            cur.execute("DELETE FROM node")
            cur.execute("DELETE FROM viewer_ticket")
            cur.execute("UPDATE backup SET finished_at = %s WHERE name = %s", (finished_at, name))

        self._db.transaction(work)
