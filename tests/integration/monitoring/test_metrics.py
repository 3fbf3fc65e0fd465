"""What is published is what the servers hold, and a counter never goes back."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.clock import SystemClock
from jst.control.api_calls import ApiCalls
from jst.control.budget_use import BudgetUse
from jst.control.database import Database
from jst.control.degradation import Degradation
from jst.control.incidents import Incidents
from jst.control.old_rows import RULES, OldRows
from jst.control.plans import Plans
from jst.erp.call_outcome import Call
from jst.messages.message import Message
from jst.messages.outbox import Outbox
from jst.monitoring.families import question, samples
from local.instance import Instance
from tests.support.plan_story import begin

pytestmark = [pytest.mark.clickhouse, pytest.mark.postgres]
NOW = SystemClock().now().replace(microsecond=0)
CALL = Call("sku", "/open/sku/query", "http_429", "refused", 1_500)


def published(database: Database) -> dict[str, dict[tuple[str, ...], float]]:
    found = samples(database.rows(question("control")))
    return {name: {each.labels: each.value for each in of} for name, of in found.items()}


def test_what_the_control_database_holds_is_published(database: Database) -> None:
    begin(Plans(database), "sale_out", NOW)
    Degradation(database).step_down("after_sale", "429")
    Incidents(database).open("check", "sku", "amounts", "不等", "看", {})
    database.rows(
        """INSERT INTO incident (kind, module, subject, what, "do") VALUES ('alert', 'sold_out', 'A', '', ''),
           ('alert', 'sold_out', 'B', '', '')"""
    )
    before = time.time()
    message = Message("feishu", "report", "day", "2026-11-30", NOW + timedelta(hours=1), "日报")
    Outbox(database).put(message)
    found = published(database)
    assert found["jst_watermark_timestamp_seconds"]["sale_out", "read"] == NOW.timestamp()
    assert found["jst_watermark_timestamp_seconds"]["sale_out", "visible"] <= NOW.timestamp()
    assert found["jst_incidents"] == {
        ("check", "sku", ""): 1, ("degraded", "after_sale", ""): 1, ("alert", "", "sold_out"): 2
    }  # fmt: skip
    assert found["jst_messages"] == {("feishu", "waiting"): 1}
    assert found["jst_message_oldest_timestamp_seconds"]["feishu",] == pytest.approx(before, abs=60)
    assert found["jst_feed_degraded"] == {("sale_out",): 0}, "a feed that never began is no figure"


def test_a_counter_keeps_what_its_minutes_have_lost(database: Database) -> None:
    long_ago = NOW - timedelta(days=40)
    for at in (long_ago, long_ago + timedelta(minutes=1), NOW):
        calls, use = ApiCalls(database), BudgetUse(database, "erp.example.com/app-1")
        for minute in (0, 1):  # two minutes in one write are one row of the total
            calls.count(CALL, at + timedelta(minutes=minute))
            use.granted("*", "live", (at + timedelta(minutes=minute)).timestamp(), 0.5)
        use.refused("*", "backfill", at.timestamp())
        calls.write(0.0)
        use.write(0.0)
    BudgetUse(database, "messages/feishu").granted("*", "live", NOW.timestamp(), 0.0)
    assert dict(OldRows(database).delete(dict.fromkeys(RULES, 31)))["api_minute"] > 0
    assert database.rows("SELECT sum(requests) FROM api_minute") == [(2,)]
    found = published(database)
    labels = ("sku", "/open/sku/query", "http_429", "refused")
    assert found["jst_source_requests_total"] == {labels: 6}
    assert found["jst_source_request_seconds_total"] == {labels: 9.0}
    assert found["jst_source_budget_requests_total"] == {
        ("erp.example.com", "*", "live", "granted"): 6, ("erp.example.com", "*", "live", "refused"): 0,
        ("erp.example.com", "*", "backfill", "granted"): 0, ("erp.example.com", "*", "backfill", "refused"): 3,
    }  # fmt: skip
    assert found["jst_source_budget_wait_seconds_total"]["erp.example.com", "*", "live"] == 3.0


def test_the_login_of_monitoring_may_ask_all_of_clickhouse(stack: Instance, client: Client) -> None:
    address: dict[str, Any] = stack.clickhouse()
    login = Client(
        address["host"], address["port"], user="monitoring", password=stack.layout.secrets.clickhouse("monitoring")
    )
    login.execute("SELECT 1")
    client.execute("SYSTEM FLUSH LOGS")
    found = samples(login.execute(question("warehouse")))
    login.disconnect()
    assert {"jst_clickhouse_disk_free_bytes", "jst_clickhouse_delayed_inserts_total"} <= set(found)
    assert ("monitoring",) in {each.labels for each in found["jst_clickhouse_query_p99_seconds"]}
    free, size = (found[f"jst_clickhouse_disk_{what}_bytes"][0].value for what in ("free", "size"))
    assert 0 < free <= size
