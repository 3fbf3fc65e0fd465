"""A real Prometheus scrapes a real api-server: every figure arrives, every query of the dashboards is answered, and
what Alertmanager sends is an incident. How dashboards look in Grafana is not seen."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
import yaml
from clickhouse_driver import Client

from jst.clock import SystemClock
from jst.control.api_calls import ApiCalls
from jst.control.budget_use import BudgetUse
from jst.control.database import Database
from jst.control.degradation import Degradation
from jst.control.incidents import OUTSIDE, Incidents
from jst.control.plans import Plans
from jst.control.postgres_migrations import migrate as migrate_control
from jst.erp.call_outcome import Call
from jst.messages.message import Message
from jst.messages.outbox import Outbox
from jst.monitoring.families import load_families
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from local import dashboards
from local.instance import Instance
from local.layout import ROOT
from local.monitoring_tools import program
from local.services import postgres
from tests.support.plan_story import add, begin
from tests.support.search_depth import DEPTH
from tests.support.wait_until import until

pytestmark = [pytest.mark.search, pytest.mark.postgres, pytest.mark.clickhouse]
WHOLE = ["prometheus"][: DEPTH.of(0, 1)]
NOW = SystemClock().now()
MONITORING = ROOT / "monitoring"


class Watched:
    """A stack that is watched."""

    def __init__(self, stack: Instance) -> None:
        address: dict[str, Any] = stack.clickhouse()
        self.database, self.layout = Database(stack.postgres()), stack.layout
        self.client = Client(address["host"], address["port"], user=address["user"], password=address["password"])
        migrate_control(self.database)
        migrate_warehouse(self.client)
        found = stack.monitoring()
        self.prometheus, self.alertmanager = found["JST_PROMETHEUS_URL"], found["JST_ALERTMANAGER_URL"]

    def query(self, expression: str) -> list[Any]:
        answer = httpx.get(f"{self.prometheus}/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", f"{expression}: {answer}"
        found: list[Any] = answer["data"]["result"]
        return found

    def happen(self) -> None:
        """Let something of everything be there."""
        begin(Plans(self.database), "sale_out", SystemClock().now() - timedelta(seconds=30))
        add(Plans(self.database), 0, 60)
        Degradation(self.database).step_down("sale_out", "429")
        Incidents(self.database).open("check", "sku", "amounts", "不等", "看", {})
        Outbox(self.database).put(Message("feishu", "report", "day", "x", NOW + timedelta(hours=1), "日报"))
        self.database.rows("INSERT INTO alert_rule (rule, asked_at) VALUES ('letters', now()) ON CONFLICT DO NOTHING")
        self.database.rows(
            """INSERT INTO letter (topic, partition, position, module, plan_id, attempt, page, key, reason, cause,
                                   state)
               VALUES ('ods.dead_letters', 0, 1, 'sku', '', 1, 1, '', 'x', 'y', 'open') ON CONFLICT DO NOTHING"""
        )
        self.database.rows("INSERT INTO node (node, state) VALUES ('a:9000', 'serving') ON CONFLICT DO NOTHING")
        self.database.rows("INSERT INTO backup (name, finished_at) VALUES ('b', now()) ON CONFLICT DO NOTHING")
        self.client.execute("INSERT INTO ops.bi_health (minute, score, at) VALUES", [(NOW, 97, NOW)])
        boards = Client(
            "127.0.0.1", self.layout.ports.clickhouse, user="lingyang_bi",
            password=self.layout.secrets.clickhouse("lingyang_bi"),
        )  # fmt: skip
        boards.execute("SELECT count() FROM bi.sale_out")
        boards.disconnect()
        self.client.execute("SYSTEM FLUSH LOGS")
        with psycopg2.connect(postgres.airflow_dsn(self.layout).replace("+psycopg2", "")) as session:
            for job in ("SchedulerJob", "TriggererJob", "DagProcessorJob"):
                session.cursor().execute(
                    "INSERT INTO job (job_type, state, latest_heartbeat) VALUES (%s, 'running', now())", (job,)
                )

    def ask_the_source(self) -> None:
        for outcome, kind in (("ok", "ok"), ("http_429", "refused"), ("code_199", "refused"), ("http_503", "failed")):
            calls = ApiCalls(self.database)
            calls.count(Call("sale_out", "/out", outcome, kind, 90), SystemClock().now())  # type: ignore[arg-type]
            calls.write(0.0)
        use = BudgetUse(self.database, "erp.example.com/app")
        use.granted("*", "live", SystemClock().now().timestamp(), 0.1)
        use.refused("*", "live", SystemClock().now().timestamp())
        use.write(0.0)


@pytest.fixture(scope="module")
def watched(stack: Instance) -> Watched:
    watched = Watched(stack)
    watched.happen()
    watched.ask_the_source()
    until(lambda: bool(watched.query('jst_source_requests_total{outcome="ok"}')), seconds=90)
    watched.ask_the_source()
    until(lambda: bool(watched.query("rate(jst_source_requests_total[5m]) > 0")), seconds=60)
    return watched


@pytest.mark.parametrize("_", WHOLE)
def test_every_family_is_scraped_and_the_text_is_what_prometheus_recommends(watched: Watched, _: str) -> None:
    assert [each["value"][1] for each in watched.query('up{job="jst"}')] == ["1"]
    assert {each["metric"]["source"]: each["value"][1] for each in watched.query("jst_scrape_source_up")} == {
        "postgres": "1", "clickhouse": "1", "airflow": "1"
    }  # fmt: skip
    scraped = {each["metric"]["__name__"] for each in watched.query('{__name__=~"jst_.+"}')}
    rarely = {"jst_source_budget_requests_per_minute"}
    assert set(load_families()) - rarely <= scraped
    text = httpx.get(
        f"http://127.0.0.1:{watched.layout.ports.airflow}/jst/metrics",
        headers={"authorization": f"Bearer {watched.layout.secrets.metrics}"},
    )
    lint = subprocess.run([program("promtool"), "check", "metrics"], input=text.text, capture_output=True, text=True)
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


def _queries() -> list[tuple[str, str]]:
    facts = yaml.safe_load((MONITORING / "dashboards.yaml").read_text("utf-8"))
    return [
        (f"{board['title']} {panel['title']} {legend}", expression.replace("$module", ".+"))
        for board in facts.values()
        for panel in board["panels"]
        for legend, expression in panel["queries"].items()
    ]


@pytest.mark.parametrize("_", WHOLE)
def test_every_query_of_the_dashboards_has_an_answer(watched: Watched, _: str) -> None:
    answers = {name: (expression, watched.query(expression)) for name, expression in _queries()}
    rarely = ("airflow_", "jst_source_budget_requests_per_minute")  # a cluster's StatsD; a source that is really asked
    without = {name: asked for name, (asked, found) in answers.items() if not found}
    assert {name for name, asked in without.items() if not any(map(asked.count, rarely))} == set()
    assert len(answers) >= 40


@pytest.mark.parametrize("_", WHOLE)
def test_the_committed_dashboards_are_what_grafanas_sdk_makes(tmp_path: Path, _: str) -> None:
    dashboards.main(tmp_path)
    made = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text("utf-8") for path in dashboards.FOLDER.iterdir()}


@pytest.mark.parametrize("_", WHOLE)
def test_the_rules_say_what_they_promise(watched: Watched, _: str) -> None:
    tools: list[tuple[str, ...]] = [
        ("promtool", "test", "rules", str(MONITORING / "rules" / "jst.test.yml")),
        ("promtool", "check", "rules", *map(str, (MONITORING / "rules").glob("*.rules.yml"))),
        ("amtool", "check-config", str(MONITORING / "alertmanager.yml")),
    ]
    for name, *arguments in tools:
        done = subprocess.run([program(name), *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    groups = httpx.get(f"{watched.prometheus}/api/v1/rules").json()["data"]["groups"]
    found = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
    assert set(found.values()) == {"ok"}
    assert {"JstNotScraped", "JstPoolStarving"} <= set(found)


@pytest.mark.parametrize("_", WHOLE)
def test_an_alert_is_one_incident_from_firing_to_resolved(watched: Watched, _: str) -> None:
    def standing() -> list[str]:
        found = Incidents(watched.database).standing()
        return [each.what for each in found if each.kind == OUTSIDE and each.detail["alert"] == "DiskFull"]

    def send(**times: str) -> None:
        alert = {
            "labels": {"alertname": "DiskFull", "instance": "pg"},
            "annotations": {"summary": "磁盘 91 %"},
            **times,
        }
        httpx.post(f"{watched.alertmanager}/api/v2/alerts", json=[alert]).raise_for_status()

    send()
    until(lambda: standing() == ["磁盘 91 %（DiskFull）"], seconds=60)
    send()
    send(endsAt=SystemClock().now().isoformat())
    until(lambda: standing() == [], seconds=150)
    assert watched.database.rows("SELECT count(*) FROM incident WHERE detail->>'alert' = 'DiskFull'") == [(1,)]
