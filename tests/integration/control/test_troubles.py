"""Trouble is kept from shift to shift: since when, how often, and one incident for whatever number of modules."""

from __future__ import annotations

import pytest

from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.incidents import Incidents
from jst.control.troubles import TaskTrouble, Troubles
from jst.errors import JstError, Misconfigured, Refused, Retry, Where
from tests.support.database_time import pass_time

pytestmark = pytest.mark.postgres
AWAY = Retry("连不上聚水潭（ConnectError）", do="检查网络", where=Where(module="sale_out"), server="聚水潭")


@pytest.fixture
def troubles(database: Database) -> Troubles:
    return Troubles(database)


def incidents(database: Database) -> list[tuple[str, str, int]]:
    return [(each.kind, each.subject, each.times) for each in Incidents(database).standing()]


def test_it_outlives_its_process_and_is_one_incident_from_90_seconds_on(database: Database, troubles: Troubles) -> None:
    assert TaskTrouble(troubles, "sale_out", "pull", "run-1").note(AWAY) < 1
    pass_time(database, 80)
    assert 80 <= TaskTrouble(troubles, "sale_out", "pull", "run-2").note(AWAY) < 82
    assert incidents(database) == []
    pass_time(database, 20)
    assert TaskTrouble(troubles, "sale_out", "pull", "run-3").note(AWAY) > 90
    TaskTrouble(troubles, "inventory", "pull", "run-1").note(AWAY)
    pass_time(database, 100)
    TaskTrouble(troubles, "inventory", "pull", "run-1").note(AWAY)
    assert incidents(database) == [("server_away", "聚水潭", 2)]
    assert database.rows("SELECT tries, run_id FROM trouble WHERE module = 'sale_out'") == [(3, "run-3")]


def test_the_incident_closes_when_the_last_module_has_an_answer(database: Database, troubles: Troubles) -> None:
    sale_out, inventory = (TaskTrouble(troubles, name, "pull", "run-1") for name in ("sale_out", "inventory"))
    for each in (sale_out, inventory):
        each.note(AWAY)
    pass_time(database, 100)
    for each in (sale_out, inventory):
        each.note(AWAY)
    assert sale_out.over()
    assert len(incidents(database)) == 1
    assert inventory.over()
    assert incidents(database) == []
    assert not inventory.over()
    assert inventory.note(AWAY) < 1


def test_what_was_not_tried_for_long_begins_anew(database: Database, troubles: Troubles) -> None:
    """A feed that was paused by a person in its trouble is not red at the first try of the next day."""
    troubles.note("sale_out", "pull", "run-1", AWAY)
    pass_time(database, 86_400)
    assert troubles.standing("sale_out") is None
    assert troubles.note("sale_out", "pull", "run-2", AWAY) < 1
    assert troubles.standing("sale_out") is not None
    assert troubles.standing(server="Kafka") is None


@pytest.mark.parametrize("kind", [Refused, Misconfigured])
def test_refusals_and_mistakes_are_no_servers_absence(
    database: Database, troubles: Troubles, kind: type[JstError]
) -> None:
    error = kind("请求不被接受", do="", server="聚水潭")
    troubles.note("sale_out", "pull", "run-1", error)
    pass_time(database, 200)
    assert troubles.note("sale_out", "pull", "run-1", error) > 200
    assert incidents(database) == []


def test_a_watch_gives_up_after_90_seconds_and_at_once_where_only_a_person_can_help(database: Database) -> None:
    feeds = Holds(database)
    watching = TaskTrouble(feeds.troubles, "sale_out", "pull", "run-1")
    assert not feeds.gives_up(watching, AWAY)
    pass_time(database, 100)
    assert not feeds.gives_up(watching, Refused("太快", do="等", server="聚水潭"))
    assert feeds.hold("sale_out", "run-2") is None
    assert feeds.gives_up(watching, AWAY)
    assert feeds.hold("sale_out", "run-2") is not None
    assert feeds.gives_up(TaskTrouble(feeds.troubles, "inventory", "pull", "run-1"), Misconfigured("密钥", do="改"))
    assert [each.kind for each in Incidents(database).standing("inventory")] == ["feed_stopped"]


def test_trouble_of_the_control_database_is_not_written_there(troubles: Troubles) -> None:
    away = Retry("控制库 jst_ops 现在不可用", do="等", server="PostgreSQL")
    assert TaskTrouble(troubles, "sale_out", "pull", "run-1").note(away) == 0
    assert troubles.standing("sale_out") is None
