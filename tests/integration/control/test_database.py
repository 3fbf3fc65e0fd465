"""The connection to the control database over the server's restarts."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg2
import pytest

from jst.control.database import Cursor, Database
from jst.errors import Retry
from local.instance import Instance
from tests.support.wait_until import CUT_ALL_OTHERS

pytestmark = pytest.mark.postgres


@pytest.fixture
def away(stack: Instance, database: Database) -> Iterator[Instance]:
    """PostgreSQL is stopped; it runs again afterwards, whatever the test did."""
    stack.stop("postgres")
    yield stack
    stack.start("postgres")


def add(database: Database, name: str) -> None:
    database.rows("INSERT INTO credential VALUES (%(name)s, 1) ON CONFLICT DO NOTHING", name=name)


def names(database: Database) -> set[str]:
    return {name for (name,) in database.rows("SELECT credential FROM credential")}


def test_a_session_that_was_cut_is_opened_again(postgres_dsn: str, database: Database) -> None:
    add(database, "before")
    with Database(postgres_dsn) as other:
        other.rows(CUT_ALL_OTHERS)
    add(database, "after")
    assert names(database) == {"before", "after"}


def test_a_client_that_vanished_keeps_its_locks_for_half_a_minute_at_most(database: Database) -> None:
    names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
    idle, interval, count, unanswered = (
        int(database.rows("SELECT setting FROM pg_settings WHERE name = %(name)s", name=name)[0][0]) for name in names
    )
    assert 0 < idle + interval * count <= 30
    assert 0 < unanswered <= 30_000


def test_a_transaction_cut_in_the_middle_happens_once(postgres_dsn: str, database: Database) -> None:
    tries = []

    def work(cur: Cursor) -> None:
        tries.append(1)
        cur.execute("INSERT INTO credential VALUES ('app', 0)")
        if len(tries) == 1:
            with Database(postgres_dsn) as other:
                other.rows(CUT_ALL_OTHERS)
        cur.execute("UPDATE credential SET ticket = ticket + 1")

    database.transaction(work)
    assert len(tries) == 2
    assert database.rows("SELECT ticket FROM credential") == [(1,)]


def test_work_waits_until_a_stopped_server_is_back(stack: Instance, database: Database) -> None:
    add(database, "before")
    stack.stop("postgres")
    working = threading.Thread(target=add, args=(database, "meanwhile"))
    working.start()
    stack.start("postgres")
    working.join()
    assert names(database) == {"before", "meanwhile"}


def test_a_server_that_stays_away_is_named_in_chinese(away: Instance, postgres_dsn: str) -> None:
    with Database(postgres_dsn, patience=0.5) as database, pytest.raises(Retry) as raised:
        names(database)
    assert "控制库 jst_ops" in str(raised.value)
    assert "检查 PostgreSQL" in str(raised.value)
    assert "Connection refused" in str(raised.value)
    assert raised.value.after > 0


def test_a_wrong_password_is_not_called_an_outage_without_its_reason(postgres_dsn: str) -> None:
    wrong = postgres_dsn.replace("jst:", "jst:wrong")
    with Database(wrong, patience=0.3) as database, pytest.raises(Retry) as raised:
        database.rows("SELECT 1")
    assert "password authentication failed" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_mistake_of_ours_is_not_repeated(database: Database) -> None:
    tries = []

    def work(cur: Cursor) -> None:
        tries.append(1)
        cur.execute("SELECT nonsense")

    with pytest.raises(psycopg2.ProgrammingError, match="nonsense"):
        database.transaction(work)
    assert len(tries) == 1
    assert names(database) == set()
