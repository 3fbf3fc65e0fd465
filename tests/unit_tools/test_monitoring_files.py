"""What stands in monitoring/ speaks of figures that are published, and every alert has its page and its test."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from jst.monitoring.families import load_families
from jst.monitoring.scrape import HEARTBEAT, SOURCE_SECONDS, SOURCE_UP
from local.dashboards import FACTS, FOLDER
from local.layout import ROOT

RULES = FOLDER.parent / "rules"
PUBLISHED = {*load_families(), HEARTBEAT.name, SOURCE_UP.name, SOURCE_SECONDS.name}
_NAME = re.compile(r"\bjst_[a-z0-9_]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def alerts() -> list[dict[str, Any]]:
    found = [yaml.safe_load(path.read_text("utf-8")) for path in RULES.glob("*.rules.yml")]
    return [rule for file in found for group in file["groups"] for rule in group["rules"]]


def test_the_dashboards_show_what_their_file_says() -> None:
    boards = yaml.safe_load(FACTS.read_text("utf-8"))
    assert {path.stem for path in FOLDER.glob("*.json")} == {f"jst-{name}" for name in boards}
    for name, facts in boards.items():
        made = json.loads((FOLDER / f"jst-{name}.json").read_text("utf-8"))
        shown = {panel["title"]: {each["legendFormat"]: each["expr"] for each in panel["targets"]}
                 for panel in made["panels"]}  # fmt: skip
        assert shown == {panel["title"]: panel["queries"] for panel in facts["panels"]}, "python -m local.dashboards"
        assert made["title"] == facts["title"]
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in made["panels"]]
        assert len(set(places)) == len(places)


def test_rules_and_dashboards_name_figures_that_are_published() -> None:
    asked = [rule["expr"] for rule in alerts()]
    for board in yaml.safe_load(FACTS.read_text("utf-8")).values():
        asked += [query for panel in board["panels"] for query in panel["queries"].values()]
    named = {name for query in asked for name in _NAME.findall(query)}
    assert named <= PUBLISHED
    assert PUBLISHED - named <= {"jst_clickhouse_node_state"}, "a figure that nothing shows"


def test_every_alert_says_in_chinese_what_is_wrong_and_leads_to_its_page() -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs/runbooks/monitoring.md").read_text("utf-8"), re.MULTILINE)
    tested = yaml.safe_load((RULES / "jst.test.yml").read_text("utf-8"))["tests"]
    fires = {case["alertname"] for each in tested for case in each["alert_rule_test"] if case["exp_alerts"]}
    assert {rule["alert"] for rule in alerts()} == set(headings) == fires
    for rule in alerts():
        said = rule["annotations"]
        assert all(_CHINESE.search(said[key]) for key in ("summary", "description")), rule["alert"]
        assert said["runbook_url"] == f"docs/runbooks/monitoring.md#{rule['alert'].lower()}"
