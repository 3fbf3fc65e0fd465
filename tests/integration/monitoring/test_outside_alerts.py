"""What Alertmanager sends is an incident of ours: once, by its fingerprint, and over when it says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jst.clock import SystemClock
from jst.control.alert_book import AlertBook
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.errors import Misconfigured
from jst.monitoring.outside_alerts import note

pytestmark = pytest.mark.postgres


def alert(fingerprint: str, status: str = "firing", **annotations: str) -> dict[str, Any]:
    return {
        "status": status, "fingerprint": fingerprint, "labels": {"alertname": "DiskFull", "instance": fingerprint},
        "annotations": annotations, "startsAt": "2026-11-30T08:00:00Z", "generatorURL": "http://prometheus",
    }  # fmt: skip


def test_a_fingerprint_is_one_incident_however_often_it_is_sent(database: Database) -> None:
    incidents = Incidents(database)
    said = {"summary": "磁盘 91 %", "description": "三天后满", "runbook_url": "docs/runbooks/disk.md"}
    for _ in range(3):
        note({"version": "4", "alerts": [alert("a", **said), alert("b")]}, incidents)
    assert [(each.subject, each.what, each.do) for each in incidents.standing()] == [
        ("a", "磁盘 91 %：三天后满（DiskFull）", "按 docs/runbooks/disk.md 处理"), ("b", "DiskFull", "按告警里写的处理")
    ]  # fmt: skip
    note({"alerts": [alert("a", "resolved"), alert("b", **said)]}, incidents)
    note({"alerts": [alert("a", "resolved")]}, incidents)
    assert [(each.subject, each.times) for each in incidents.standing()] == [("b", 4)]
    note({"alerts": [alert("a")]}, incidents)
    assert database.rows("SELECT count(*) FROM incident WHERE subject = 'a'") == [(2,)], "what comes back is another"


def test_what_is_no_notification_changes_nothing(database: Database) -> None:
    bodies: list[Any] = [{}, [], {"alerts": [{"status": "firing", "labels": {}}]}, {"alerts": [alert("a", "odd")]}]
    for body in bodies:
        with pytest.raises(Misconfigured, match="这不是 Alertmanager 的通知"):
            note(body, Incidents(database))
    assert Incidents(database).standing() == []


def test_what_is_not_repeated_for_a_day_is_over(database: Database) -> None:
    incidents, book, now = Incidents(database), AlertBook(database), SystemClock().now()
    note({"alerts": [alert("a")]}, incidents)
    incidents.open("check", "", "amounts", "不等", "看", {})
    book.close_unrepeated(now + timedelta(hours=23))
    assert len(incidents.standing()) == 2
    book.close_unrepeated(now + timedelta(hours=25))
    assert [each.kind for each in incidents.standing()] == ["check"]
