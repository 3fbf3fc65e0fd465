"""The page 告警 and the ledger's first line are of one mind, and the page shows what each incident needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jst.alerts.alerts_page import alerts_page, first_line, view
from jst.alerts.rules import load_rules
from jst.clock import SHANGHAI
from jst.control.shown_incident import ShownIncident
from jst.control.silences import AlertSilence
from jst.errors import Retry
from jst.ledger.english import HAN
from jst.ledger.facts import Facts, Ledger
from jst.ledger.findings import findings, headline
from jst.ledger.rows import AlertRow, IncidentRow, TroubleRow, WatermarkRow

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=SHANGHAI)
BEFORE = NOW - timedelta(minutes=5)
RULES = load_rules()
SILENCE = AlertSilence(1, "no_orders", "", "盘点", "admin", BEFORE, NOW + timedelta(hours=1))


def ledger(age: float = 2.0, **parts: Any) -> Ledger:
    nothing: dict[str, list[Any]] = {name: [] for name in Facts.__dataclass_fields__}
    mark = WatermarkRow("sale_out", "visible", NOW - timedelta(seconds=age), "", age, True)
    return Ledger(NOW, Facts(**{**nothing, "marks": [mark], **parts}), ())


def incident(kind: str, module: str = "", subject: str = "", **more: Any) -> ShownIncident:
    listed = ShownIncident(7, kind, module, subject, (), "出了事：<b>", "看", 0, BEFORE, None, None, 0, None, None, {})
    return replace(listed, **more)


NO_ORDERS = incident("alert", "no_orders")
FOUND = AlertRow("no_orders", "营业时间没有出库", "critical", 1, "全部店铺：距上次出库 40 分钟", "看账本", BEFORE)
MILD = replace(FOUND, severity="warn", rule="sold_out")
TROUBLE = TroubleRow(
    "sale_out", "load", "passing", "ClickHouse", "r", "ClickHouse 没有答复", "", "恢复", 9, BEFORE, 300.0
)


@pytest.mark.parametrize(
    ("look", "standing", "silences", "level"),
    [
        (ledger(), [], [], "good"),
        (ledger(alerts=[FOUND]), [NO_ORDERS], [], "bad"),
        (ledger(), [NO_ORDERS], [SILENCE], "good"),  # neither page counts what is silenced
        (ledger(alerts=[MILD]), [incident("alert", "sold_out")], [], "good"),
        (ledger(age=400), [incident("ledger", "data_late", "late sale_out")], [], "bad"),
        (ledger(), [incident("ledger", "data_late", "late sale_out")], [], "good"),  # healed, not closed yet
        (ledger(), [incident("server_away", "", "ClickHouse")], [], "good"),
        (ledger(troubles=[TROUBLE]), [incident("server_away", "", "ClickHouse")], [], "bad"),
        (ledger(incidents=[IncidentRow("feed_stopped", "sale_out", "", "实时流停止：不认签名", "改", BEFORE, 1)]),
         [incident("feed_stopped", "sale_out")], [], "bad"),
        (ledger(incidents=[IncidentRow("check", "", "amounts", "金额不等", "看", BEFORE, 1)]),
         [incident("check", "", "amounts")], [], "bad"),
        (ledger(incidents=[IncidentRow("difference", "sale_out", "x", "缺 2 单", "看", BEFORE, 1)]),
         [incident("difference", "sale_out", "x")], [], "bad"),
        (ledger(incidents=[IncidentRow("task_failed", "", "a.b", "任务失败：a.b，错", "看", BEFORE, 1)]),
         [incident("task_failed", "", "a.b")], [], "warn"),
        (ledger(incidents=[IncidentRow("node_away", "warehouse", "b", "节点离开", "恢复", BEFORE, 1)]),
         [incident("node_away", "warehouse", "b")], [], "bad"),
    ],
)  # fmt: skip
def test_the_first_line_is_the_ledgers_and_red_where_something_urgent_is_listed(
    look: Ledger, standing: list[ShownIncident], silences: list[AlertSilence], level: str
) -> None:
    shown = view(RULES, look, standing, silences, [])
    assert shown.first == headline(look, findings(look))
    assert shown.first is not None
    assert shown.first.level == level
    assert any(group.urgent for group in shown.open) == (level == "bad")
    page = alerts_page(shown, RULES, "zh", may_silence=True)
    assert shown.first.what in page


def test_without_a_ledger_the_page_says_so() -> None:
    away = Retry("控制库 jst_ops 现在不可用", do="检查 PostgreSQL", server="PostgreSQL")
    assert first_line(away).level == "bad"


def test_a_person_of_a_shop_sees_no_ledger_and_cannot_silence() -> None:
    shown = view(RULES, None, [incident("alert", "sold_out", "A", owners=("li.na",))], [], [])
    page = alerts_page(shown, RULES, "zh", may_silence=False)
    assert 'id="first"' not in page
    assert ">静默<" not in page
    assert ">确认<" in page
    assert "li.na" in page
    assert "出了事：&lt;b&gt;" in page, "a sentence may quote what the source sent"


def test_a_flood_is_counted_and_a_link_folds_its_rule_out() -> None:
    many = [incident("alert", "sold_out", f"S{number}", id=number) for number in range(700)]
    page = alerts_page(view(RULES, ledger(), many, [], []), RULES, "zh", may_silence=True, rule="sold_out")
    assert page.count('<tr id="incident-') == 50
    assert "另有 650 项" in page
    assert '<details id="rule-sold_out" class="panel rule warn" open>' in page


def test_what_is_over_says_how_long_it_took() -> None:
    over = incident("alert", "sold_out", "A", closed_at=NOW, acknowledged_by="wang.wu")
    page = alerts_page(view(RULES, ledger(), [], [SILENCE], [over]), RULES, "en", may_silence=True)
    assert "5 min</td><td>wang.wu</td>" in page
    assert "Nothing shipped in shop hours" in page
    assert 'name="silence" value="1"' in page


def test_in_english_only_what_people_wrote_is_chinese() -> None:
    standing = [incident("alert", "sold_out", "A", what="sold out"), incident("alert", "no_orders", what="quiet")]
    silence = replace(SILENCE, rule="oversold", reason="stocktaking")
    page = alerts_page(view(RULES, ledger(), standing, [silence], []), RULES, "en", may_silence=True)
    assert HAN.findall(page.replace(">中文<", "><")) == []
