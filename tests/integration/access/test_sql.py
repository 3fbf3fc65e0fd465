"""The SQL for a normal server: the real engine reads every statement, and it says what users.xml says."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from jst.access.render import removal, sql
from jst.access.spec import load_access
from tests.support.guarded_clickhouse import Guarded

pytestmark = pytest.mark.clickhouse


@pytest.fixture
def statements(guarded: Guarded) -> list[str]:
    return list(sql(load_access(guarded.access), lambda user: f"secret of {user}"))


def test_the_engine_reads_every_statement(guarded: Guarded, statements: list[str]) -> None:
    for statement in statements:
        ((read,),) = guarded.etl.execute("SELECT formatQuery(%(statement)s)", {"statement": statement})
        assert read.split()[0] == statement.split()[0]
    assert not any("secret of" in statement for statement in statements)
    assert sum(statement.startswith("CREATE USER") for statement in statements) == 10


def _columns(what: str) -> frozenset[str]:
    """What is granted, whatever order a server lists columns in."""
    return frozenset(re.findall(r"\w+", what))


def test_rights_are_those_of_the_running_server(guarded: Guarded, statements: list[str]) -> None:
    """SHOW GRANTS of the server that was made from users.xml, beside what the SQL grants."""
    ours = defaultdict(set)
    for statement in statements:
        if found := re.fullmatch(r"(GRANT|REVOKE) (SELECT.*) ON (\S+) (?:TO|FROM) `(\w+)`", statement):
            verb, what, table, user = found.groups()
            ours[user].add((verb, _columns(what), table))
    for user in ("boards", "boards_finance", "lingyang_bi", "lingyang_finance", "zhangwei", "wangfang"):
        theirs = set()
        with guarded.as_user(user) as client:
            for (line,) in client.execute("SHOW GRANTS"):
                found = re.fullmatch(r"(GRANT|REVOKE) (SELECT.*) ON (\S+) (?:TO|FROM) \w+", line)
                assert found, line
                verb, what, table = found.groups()
                theirs.add((verb, _columns(what), table))
        assert theirs == ours[user], user


def test_policies_are_those_of_the_running_server(guarded: Guarded, statements: list[str]) -> None:
    ours: dict[tuple[str, str], str] = {}
    for statement in statements:
        if found := re.fullmatch(r"CREATE ROW POLICY OR REPLACE \w+ ON (\S+) USING (.+) TO (`.+`)", statement):
            table, condition, users = found.groups()
            ours |= {(table, user.strip("` ")): condition for user in users.split(",")}
    theirs = {
        (table, user): condition
        for table, condition, (user,) in guarded.etl.execute(
            "SELECT database || '.' || table, select_filter, apply_to_list FROM system.row_policies"
        )
    }
    assert ours == theirs


def test_whoever_is_not_named_is_a_stranger(statements: list[str]) -> None:
    """Every table that has a policy ends with one for all others, and none lets them see what is not their own."""
    policies = [statement for statement in statements if "CREATE ROW POLICY" in statement]
    tables = {statement.split(" ON ")[1].split()[0] for statement in policies}
    strangers = [statement for statement in policies if "TO ALL EXCEPT" in statement]
    assert {statement.split(" ON ")[1].split()[0] for statement in strangers} == tables
    assert all("currentUser()" in statement for statement in strangers)


def test_no_right_is_given_before_its_policy(statements: list[str]) -> None:
    kinds = [statement.split()[0] + statement.split()[1] for statement in statements]
    last_policy = max(n for n, kind in enumerate(kinds) if kind == "CREATEROW")
    first_grant = next(n for n, statement in enumerate(statements) if statement.startswith("GRANT"))
    assert last_policy < first_grant


def test_all_that_is_made_can_be_taken_away_again(guarded: Guarded, statements: list[str]) -> None:
    made = re.compile(r"CREATE (SETTINGS PROFILE|USER|ROW POLICY) (?:OR REPLACE |IF NOT EXISTS )(\S+)(?: ON (\S+))?")
    gone = re.compile(r"DROP (SETTINGS PROFILE|USER|ROW POLICY) IF EXISTS (\S+)(?: ON (\S+))?")
    drops = list(removal(load_access(guarded.access)))
    found = [gone.fullmatch(drop) for drop in drops]
    assert {drop.groups() for drop in found if drop} == {
        make.groups() for statement in statements if (make := made.match(statement))
    }
    for drop in drops:
        assert guarded.etl.execute("SELECT formatQuery(%(drop)s)", {"drop": drop})[0][0].startswith("DROP ")
