"""The lock that serialises loading of one module over all DAGs and workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from psycopg2.extensions import connection

from jst.clock import Clock
from jst.control.database import Cursor, Database, one
from jst.control.lock_numbers import LOADING
from jst.errors import Misconfigured, Retry

PATIENCE_SECONDS = 60.0
VERSION_RULE = 2
"""The rule of ``include/sql/shared/version.sql``. 1: modified and the low half of ts, whatever their time."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A hold of the lock. ``number`` grows with every holder. ``clean`` is False when the holder before died holding
    the lock: a statement it started may still run in ClickHouse and must be killed before anything new is written.
    ``version_rule``: by which rule the versions of the module's rows were made."""

    module: str
    number: int
    clean: bool
    version_rule: int
    _db: Database = field(repr=False)
    _session: connection = field(repr=False)

    def check(self) -> None:
        """Raise Retry when this process no longer holds the lock: its session was lost and silently opened again."""
        ((number,),) = self._db.rows("SELECT number FROM fence WHERE module = %(module)s", module=self.module)
        if number != self.number or self._db.connected() is not self._session:
            raise Retry(f"{self.module} 的装载锁随控制库的连接中断而失去", do="会自动重试，无需处理")

    def versions_follow_the_rule(self) -> None:
        """Note that the versions of all the module's rows are of today's rule."""
        self._db.rows(
            "UPDATE fence SET version_rule = %(rule)s WHERE module = %(m)s AND number = %(n)s",
            rule=VERSION_RULE, m=self.module, n=self.number,
        )  # fmt: skip


class LoadLock:
    """An advisory lock of PostgreSQL: it goes with its session, so a killed holder blocks no other process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    @contextmanager
    def hold(self, module: str) -> Iterator[Fence]:
        """Hold the module's lock. Raises Retry when another process holds it for a minute, Misconfigured when a newer
        version of this code has loaded the module."""
        give_up = self._clock.monotonic() + PATIENCE_SECONDS
        while (fence := self._db.transaction(lambda cur: _try_lock(cur, module, self._db))) is None:
            if self._clock.monotonic() > give_up:
                raise Retry(
                    f"等了 {PATIENCE_SECONDS:.0f} 秒，{module} 的装载锁仍被别的任务占着",
                    do="稍后会自动重试；若反复出现，查看是否有卡住的 load 任务",
                )
            self._clock.sleep(0.05)
        try:
            yield fence
            self._db.rows(
                "UPDATE fence SET released = true WHERE module = %(m)s AND number = %(n)s", m=module, n=fence.number
            )
        finally:
            self._release(module)

    def _release(self, module: str) -> None:
        try:
            self._db.rows("SELECT pg_advisory_unlock(%(space)s, hashtext(%(module)s))", space=LOADING, module=module)
        except Retry:
            self._db.close()  # the session, and the lock with it, is gone anyway


def _try_lock(cur: Cursor, module: str, database: Database) -> Fence | None:
    """Lock and number in one session: repeated in a new one, both are acquired again. None: another process holds the
    lock."""
    cur.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (LOADING, module))
    if not one(cur)[0]:
        return None
    cur.execute("INSERT INTO fence (module) VALUES (%s) ON CONFLICT DO NOTHING", (module,))
    cur.execute("SELECT released FROM fence WHERE module = %s FOR UPDATE", (module,))
    (clean,) = one(cur)
    cur.execute(
        """UPDATE fence SET number = number + 1, released = false, holder_rule = %s WHERE module = %s
           RETURNING number, version_rule""",
        (VERSION_RULE, module),
    )
    number, version_rule = one(cur)
    if version_rule > VERSION_RULE:
        raise Misconfigured(
            f"控制库里 {module} 的版本规则是 {version_rule}，这个 worker 的代码只到 {VERSION_RULE}，不能再装载",
            do="停止全部旧 worker，换上新代码再启动；数据都在 Kafka 里，不会丢",
        )
    return Fence(module, number, clean, version_rule, database, cur.connection)
