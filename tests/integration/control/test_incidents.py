"""Incidents: opened once, found again, closed once, and told apart."""

from __future__ import annotations

import threading

import pytest

from jst.control.database import Database
from jst.control.incidents import Incidents

pytestmark = pytest.mark.postgres


def found(incidents: Incidents, what: str = "差 2 单", subject: str = "2026-03-01", module: str = "sale_out") -> int:
    return incidents.open("difference", module, subject, what, "查看对账日志", {"keys": ["1", "2"]})


def test_what_is_found_again_is_the_same_incident_with_the_newest_words(database: Database) -> None:
    incidents = Incidents(database)
    first = found(incidents)
    (opened,) = incidents.standing()
    assert found(incidents, "差 1 单") == first
    (again,) = incidents.standing("sale_out")
    assert (again.times, again.what, again.do, again.detail) == (2, "差 1 单", "查看对账日志", {"keys": ["1", "2"]})
    assert again.opened_at == opened.opened_at
    assert again.seen_at > opened.seen_at


def test_closed_is_closed_once_and_what_comes_back_is_new(database: Database) -> None:
    incidents = Incidents(database)
    first = found(incidents)
    incidents.close("difference", "sale_out", "2026-03-01")
    ((closed_at,),) = database.rows("SELECT closed_at FROM incident")
    incidents.close("difference", "sale_out", "2026-03-01")
    assert database.rows("SELECT closed_at FROM incident") == [(closed_at,)]
    assert incidents.standing() == []
    assert found(incidents) > first
    assert [each.times for each in incidents.standing()] == [1]


def test_kind_module_and_subject_tell_incidents_apart(database: Database) -> None:
    incidents = Incidents(database)
    numbers = [found(incidents), found(incidents, subject="2026-03-02"), found(incidents, module="inventory")]
    numbers.append(incidents.open("letters", "sale_out", "2026-03-01", "死信", "重投"))
    assert [each.id for each in incidents.standing()] == numbers
    assert [each.id for each in incidents.standing("inventory")] == [numbers[2]]
    incidents.close("difference", "sale_out", "2026-03-02")
    assert [each.id for each in incidents.standing("sale_out")] == [numbers[0], numbers[3]]


def test_processes_that_find_it_at_once_open_one_incident(database: Database, postgres_dsn: str) -> None:
    def find() -> None:
        with Database(postgres_dsn) as own:
            for _ in range(20):
                found(Incidents(own))

    threads = [threading.Thread(target=find) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (incident,) = Incidents(database).standing()
    assert incident.times == 80
    assert database.rows("SELECT count(*) FROM incident") == [(1,)]


def test_words_no_database_takes_are_kept_as_far_as_they_can_be(database: Database) -> None:
    incidents = Incidents(database)
    found(incidents, "源端说\x00\ud800" + "长" * 3000)
    assert incidents.standing()[0].what.startswith("源端说??长")
