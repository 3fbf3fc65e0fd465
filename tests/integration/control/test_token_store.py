"""One token for all processes, renewed by one of them: real processes on a real PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jst.clock import SHANGHAI, SystemClock
from jst.control.database import Database
from jst.control.token_store import PostgresTokens
from jst.erp.tokens import StoredToken, Token
from jst.errors import Misconfigured
from tests.support.other_processes import Workers, line, tell
from tests.support.wait_until import until

pytestmark = pytest.mark.postgres

SECRET = "0123456789abcdef0123456789abcdef"
NOON = datetime(2025, 9, 16, 12, 0, 0, tzinfo=SHANGHAI)
FIRST = Token("access-1", "refresh-1", NOON, NOON + timedelta(days=30))
PROCESSES = 5

RENEW = """
import os, sys
from dataclasses import replace
from datetime import datetime, timedelta
import jst.control.token_store as module
from jst.clock import SHANGHAI, SystemClock
from jst.control.database import Database
from jst.erp.tokens import Token
database = Database(os.environ["JST_CONTROL_DSN"])
secret, pause, module.LEASE_SECONDS = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
store = module.PostgresTokens(database, "app-1", secret, SystemClock())
stale = store.current().number
print("ready", flush=True)
sys.stdin.readline()
def fetch(old):
    print("fetching", flush=True)
    SystemClock().sleep(pause)
    now = datetime.now(SHANGHAI)
    return Token(f"access-of-{os.getpid()}", "refresh", now, now + timedelta(days=30))
kept = store.renewed(stale, fetch)
print(kept.number, kept.token.access, flush=True)
"""


def tokens(database: Database, secret: str = SECRET, credential: str = "app-1") -> PostgresTokens:
    return PostgresTokens(database, credential, secret, SystemClock())


def never(old: Token | None) -> Token:
    raise AssertionError("nothing needs to be fetched")


def test_a_token_is_kept_for_everybody_and_only_for_its_credential(database: Database, postgres_dsn: str) -> None:
    assert tokens(database).current() == StoredToken()
    assert tokens(database).renewed(0, lambda old: FIRST) == StoredToken(1, FIRST)
    with Database(postgres_dsn) as other:
        assert tokens(other).current() == StoredToken(1, FIRST)
        assert tokens(other).renewed(0, never) == StoredToken(1, FIRST)
        assert tokens(other, credential="app-2").current() == StoredToken()


def test_the_old_token_is_handed_to_whoever_renews_it(database: Database) -> None:
    tokens(database).renewed(0, lambda old: FIRST)
    olds: list[Token | None] = []

    def fetch(old: Token | None) -> Token:
        olds.append(old)
        return Token("access-2", "", NOON, NOON + timedelta(days=30))

    assert tokens(database).renewed(1, fetch).number == 2
    assert olds == [FIRST]


def test_the_database_holds_nothing_that_can_be_read_without_the_secret(database: Database) -> None:
    tokens(database).renewed(0, lambda old: FIRST)
    ((row,),) = database.rows("SELECT row_to_json(token)::text || encode(sealed, 'escape') FROM token")
    assert "access-1" not in row
    assert "refresh-1" not in row
    assert SECRET not in row


def test_a_token_of_another_secret_is_none(database: Database) -> None:
    tokens(database).renewed(0, lambda old: FIRST)
    rotated = tokens(database, secret="f" * 32)
    assert rotated.current() == StoredToken(1, None)
    second = Token("access-2", "refresh-2", NOON, NOON + timedelta(days=30))
    assert rotated.renewed(0, lambda old: second) == StoredToken(2, second)


def test_a_failed_renewal_lets_the_next_one_try_at_once(database: Database) -> None:
    def fail(old: Token | None) -> Token:
        raise Misconfigured("聚水潭不给令牌", do="核对")

    for _ in range(2):
        with pytest.raises(Misconfigured, match="不给令牌"):
            tokens(database).renewed(0, fail)
    began = SystemClock().monotonic()
    assert tokens(database).renewed(0, lambda old: FIRST).number == 1
    assert SystemClock().monotonic() - began < 1


def test_of_many_processes_one_renews_and_the_others_take_its_token(database: Database, workers: Workers) -> None:
    racers = [workers.start(RENEW, SECRET, "0.5", "60") for _ in range(PROCESSES)]
    assert [line(racer) for racer in racers] == ["ready"] * PROCESSES
    for racer in racers:
        tell(racer)
    answers = [racer.communicate(timeout=30)[0].splitlines() for racer in racers]
    assert sum(answer[0] == "fetching" for answer in answers) == 1
    assert len({answer[-1] for answer in answers}) == 1
    assert answers[0][-1].startswith("1 access-of-")


@pytest.mark.parametrize("signal", ["kill", "freeze"])
def test_a_process_that_dies_or_hangs_while_renewing_blocks_nobody_for_long(
    database: Database, workers: Workers, signal: str
) -> None:
    """It is overtaken when its lease is over, and then takes the token of whoever overtook it."""
    slow = workers.start(RENEW, SECRET, "3", "1")
    assert line(slow) == "ready"
    tell(slow)
    assert line(slow) == "fetching"
    if signal == "kill":
        slow.kill()
    began = SystemClock().monotonic()
    assert tokens(database).renewed(0, lambda old: FIRST) == StoredToken(1, FIRST)
    assert SystemClock().monotonic() - began < 2.5
    if signal == "freeze":
        assert line(slow) == "1 access-1"
        until(lambda: slow.poll() is not None)
    assert tokens(database).current() == StoredToken(1, FIRST)
