"""The lock around loading: one holder at a time, and whoever comes after a dead one knows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg2
import pytest

from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.load_lock import VERSION_RULE, LoadLock
from jst.errors import Misconfigured, Retry
from local.instance import Instance
from tests.support.fake_source import FakeClock
from tests.support.other_processes import Workers, line, tell
from tests.support.wait_until import CUT_ALL_OTHERS, until

pytestmark = pytest.mark.postgres

HOLD = """
import os, sys
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.load_lock import LoadLock
lock = LoadLock(Database(os.environ["JST_CONTROL_DSN"]), SystemClock())
with lock.hold("sale_out") as fence:
    print(fence.number, fence.clean, flush=True)
    sys.stdin.readline()
"""
INSIDE = """
import os
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.load_lock import LoadLock
database = Database(os.environ["JST_CONTROL_DSN"])
lock = LoadLock(database, SystemClock())
for _ in range(15):
    with lock.hold("sale_out") as fence:
        database.rows("INSERT INTO visit VALUES (%(number)s, 'in')", number=fence.number)
        fence.check()
        database.rows("INSERT INTO visit VALUES (%(number)s, 'out')", number=fence.number)
"""


@pytest.fixture
def lock(database: Database) -> LoadLock:
    return LoadLock(database, SystemClock())


@pytest.fixture
def other(postgres_dsn: str) -> Iterator[LoadLock]:
    """Another task's lock: its own session."""
    with Database(postgres_dsn) as database:
        yield LoadLock(database, SystemClock())


def cut_all(dsn: str) -> None:
    """End every other session, as a restart of the server does."""
    with Database(dsn) as admin:
        admin.rows(CUT_ALL_OTHERS)


def test_holders_follow_each_other_with_growing_numbers(lock: LoadLock, other: LoadLock) -> None:
    seen = []
    for each in (lock, other, lock):
        with each.hold("sale_out") as fence:
            fence.check()
            seen.append((fence.number, fence.clean))
    assert seen == [(1, True), (2, True), (3, True)]


def test_a_worker_of_another_rule_of_versions_is_kept_out_with_a_sentence(database: Database, lock: LoadLock) -> None:
    with lock.hold("sale_out") as fence:
        assert fence.version_rule == 1
        fence.versions_follow_the_rule()
    with lock.hold("sale_out") as fence:
        assert fence.version_rule == VERSION_RULE
    before = "UPDATE fence SET number = number + 1, released = false WHERE module = 'sale_out'"
    with pytest.raises(psycopg2.errors.RaiseException, match=r"不能再装载 sale_out。处理：停止全部旧 worker"):
        database.rows(before)
    database.rows("UPDATE fence SET version_rule = version_rule + 1")
    with pytest.raises(Misconfigured, match=r"sale_out 的版本规则是 3.*处理：停止全部旧 worker"), lock.hold("sale_out"):
        pytest.fail("a worker of the rule before has come in")


def test_modules_do_not_wait_for_each_other(lock: LoadLock, other: LoadLock) -> None:
    with lock.hold("sale_out") as orders, other.hold("sku") as skus:
        assert (orders.number, skus.number) == (1, 1)


def test_two_processes_are_never_inside_at_once(database: Database, workers: Workers) -> None:
    database.rows("CREATE TABLE visit (number bigint, what text, id bigint GENERATED ALWAYS AS IDENTITY)")
    try:
        racers = [workers.start(INSIDE) for _ in range(3)]
        for racer in racers:
            racer.communicate(timeout=30)
        visits = database.rows("SELECT number, what FROM visit ORDER BY id")
    finally:
        database.rows("DROP TABLE visit")
    assert visits == [(number, what) for number in range(1, 46) for what in ("in", "out")]


def test_a_killed_holder_is_followed_at_once_by_one_who_knows(lock: LoadLock, workers: Workers) -> None:
    holder = workers.start(HOLD)
    assert line(holder) == "1 True"
    holder.kill()
    with lock.hold("sale_out") as fence:
        assert (fence.number, fence.clean) == (2, False)
    with lock.hold("sale_out") as fence:
        assert (fence.number, fence.clean) == (3, True)


def test_a_failed_holder_is_not_clean_either(lock: LoadLock, other: LoadLock) -> None:
    with pytest.raises(RuntimeError, match="ClickHouse"), lock.hold("sale_out"):
        raise RuntimeError("ClickHouse died under the statement")
    with other.hold("sale_out") as fence:
        assert (fence.number, fence.clean) == (2, False)


def test_who_waits_too_long_is_told_so(database: Database, workers: Workers) -> None:
    holder = workers.start(HOLD)
    assert line(holder) == "1 True"
    clock = FakeClock()
    waiting = LoadLock(database, clock).hold("sale_out")
    with pytest.raises(Retry, match="sale_out 的装载锁仍被别的任务占着"):
        waiting.__enter__()
    assert 60 <= clock.monotonic() < 62
    tell(holder)
    until(lambda: holder.poll() is not None)
    assert holder.returncode == 0


def test_a_holder_whose_session_was_lost_to_another_must_not_go_on(
    postgres_dsn: str, lock: LoadLock, other: LoadLock
) -> None:
    def overtaken() -> None:
        with lock.hold("sale_out") as fence:
            cut_all(postgres_dsn)
            with other.hold("sale_out") as taken:
                assert (taken.number, taken.clean) == (fence.number + 1, False)
            fence.check()

    with pytest.raises(Retry, match="sale_out 的装载锁"):
        overtaken()


def test_a_holder_whose_session_was_lost_must_not_go_on_before_another_comes(
    postgres_dsn: str, lock: LoadLock, other: LoadLock
) -> None:
    def cut() -> None:
        with lock.hold("sale_out") as fence:
            cut_all(postgres_dsn)
            fence.check()

    with pytest.raises(Retry, match="sale_out 的装载锁"):
        cut()
    with other.hold("sale_out") as fence:
        assert not fence.clean


def test_the_lock_outlives_no_restart_of_postgresql(stack: Instance, lock: LoadLock, other: LoadLock) -> None:
    def restarted() -> None:
        with lock.hold("sale_out") as fence:
            stack.stop("postgres")
            stack.start("postgres")
            with other.hold("sale_out"):
                fence.check()

    with pytest.raises(Retry, match="sale_out 的装载锁"):
        restarted()
    with other.hold("sale_out") as fence:
        assert fence.number == 3


def test_the_lock_is_never_held_without_its_session(
    postgres_dsn: str, database: Database, lock: LoadLock, other: LoadLock
) -> None:
    """The session is cut between the lock and its number: the number must not come without the lock."""
    blocker = Database(postgres_dsn)
    with lock.hold("sale_out"):
        pass
    held = threading.Event()
    leave = threading.Event()

    def hold() -> None:
        with lock.hold("sale_out"):
            held.set()
            leave.wait(20)

    session = blocker.connected()
    with session.cursor() as cur:
        cur.execute("SELECT FROM fence WHERE module = 'sale_out' FOR UPDATE")
    holding = threading.Thread(target=hold)
    holding.start()
    with Database(postgres_dsn) as admin:
        until(lambda: admin.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = user"))
        admin.rows("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                      WHERE wait_event_type = 'Lock' AND usename = user""")
    session.commit()
    blocker.close()
    assert held.wait(20)
    with Database(postgres_dsn) as third:
        free = third.rows("SELECT pg_try_advisory_lock(7021, hashtext('sale_out'))")
    leave.set()
    holding.join()
    assert free == [(False,)]
