"""What is old and needed by nothing goes; what is still waited for, and the beginning of all, stay."""

from __future__ import annotations

import msgspec
import pytest

from jst.control.backup_log import BackupLog
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.control.letter_index import LetterEntry, LetterIndex
from jst.control.old_rows import RULES, OldRows
from jst.control.plans import Plans
from jst.kafka.record import LETTERS
from jst.model.plan import Plan
from jst.model.retention import load_retention
from tests.support.plan_story import MODULE, add, load, pull

pytestmark = pytest.mark.postgres
DAYS = msgspec.structs.asdict(load_retention())


def proven(plans: Plans, start: int, **facts: int) -> Plan:
    plan = add(plans, start, start + 60)
    load(plans, pull(plans, plan, **facts))
    return plan


def left(database: Database) -> set[str]:
    return {plan_id for (plan_id,) in database.rows("SELECT plan_id FROM plan")}


def test_every_table_that_has_a_rule_has_its_days() -> None:
    assert set(RULES) == {name for name in DAYS if not name.startswith("airflow_")}


def test_plans_go_with_their_receipts_unless_a_letter_or_a_watermark_needs_them(
    database: Database, plans: Plans
) -> None:
    gone, lettered, waiting = proven(plans, 0), proven(plans, 60), add(plans, 120, 180)
    first = add(plans, 180, 240, origin="initial")
    load(plans, pull(plans, first))
    entry = LetterEntry(LETTERS, 0, 1, MODULE, lettered.plan_id, 1, 1, "k", "bad_type", "读不懂", b"x")
    LetterIndex(database).add([entry])
    database.rows("UPDATE letter SET state = 'parked'")
    assert dict(OldRows(database).delete(DAYS))["plan"] == 0
    database.rows("UPDATE plan SET updated_at = updated_at - interval '36 days'")
    young = proven(plans, 240)
    marks = database.rows("SELECT module, kind, value FROM watermark ORDER BY 1, 2")
    assert dict(OldRows(database).delete(DAYS))["plan"] == 1
    assert left(database) == {lettered.plan_id, waiting.plan_id, first.plan_id, young.plan_id}
    assert database.rows("SELECT count(*) FROM receipt WHERE plan_id = %(gone)s", gone=gone.plan_id) == [(0,)]
    assert database.rows("SELECT module, kind, value FROM watermark ORDER BY 1, 2") == marks
    assert dict(OldRows(database).delete(DAYS))["plan"] == 0


def test_an_incident_that_stands_is_kept_however_old(database: Database) -> None:
    incidents = Incidents(database)
    for subject in ("amounts", "marts"):
        incidents.open("check", "", subject, "不等", "看")
    long_ago = "now() - interval '200 days'"
    database.rows(f"UPDATE incident SET opened_at = {long_ago}")
    database.rows(f"UPDATE incident SET closed_at = {long_ago}, settled_at = {long_ago} WHERE subject = 'marts'")
    assert dict(OldRows(database).delete(DAYS))["incident"] == 1
    assert [each.subject for each in incidents.standing()] == ["amounts"]


@pytest.mark.parametrize(("table", "days"), [("budget_minute", 7), ("api_minute", 30)])
def test_counts_by_the_minute_are_kept_for_days(database: Database, table: str, days: int) -> None:
    columns = {
        "budget_minute": "(minute, credential, bucket, origin) SELECT {}, 'app', '*', 'live'",
        "api_minute": "(minute, module, endpoint, outcome, kind, requests, milliseconds, latencies)"
        " SELECT {}, 'sku', '', 'ok', 'ok', 1, 1, ARRAY[1]",
    }[table]
    for old in (days - 1, days + 1):
        database.rows(f"INSERT INTO {table} {columns.format(f'now() - make_interval(days => {old})')}")
    assert dict(OldRows(database).delete(DAYS))[table] == 1
    assert database.rows(f"SELECT count(*) FROM {table}") == [(1,)]


def test_the_newest_backup_is_remembered(database: Database) -> None:
    notes = BackupLog(database)
    for name in ("20250101020000", "20250102020000"):
        notes.begin(name, "")
        notes.finish(name, 1, 1)
    database.rows("UPDATE backup SET began_at = began_at - interval '400 days'")
    assert dict(OldRows(database).delete(DAYS))["backup"] == 1
    assert database.rows("SELECT name FROM backup") == [("20250102020000",)]
