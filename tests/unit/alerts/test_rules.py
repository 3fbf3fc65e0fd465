"""The rules in the package, and what a person who writes one is answered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from jst.alerts.rule_question import question
from jst.alerts.rules import Bound, load_rules
from jst.clock import SHANGHAI
from jst.errors import Misconfigured
from jst.metrics.catalogue import load_catalogue
from jst.model.module import INCLUDE

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=SHANGHAI)
GOOD = {
    "title": "缺货", "severity": "warn", "channel": "feishu", "owner": "oncall", "do": "补货",
    "ask": {"by": ["sku_id"], "values": [{"metric": "stock_qty", "below": 1}]},
}  # fmt: skip


def written(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "alerts.yaml"
    path.write_text(yaml.safe_dump({"rules": {"mine": {**GOOD, **changes}}}, allow_unicode=True), "utf-8")
    return path


def test_every_rule_of_the_issue_is_there_and_can_be_asked() -> None:
    rules = load_rules()
    assert set(rules.by_name) >= {
        "sold_out", "oversold", "below_safety", "after_sale_rate", "refund_jump", "no_orders", "data_late", "letters",
        "degraded", "check_failed", "certificate_missing", "task_failed",
    }  # fmt: skip
    for rule in rules.judged():
        if rule.values:
            asked = question(load_catalogue(), rule, NOON)
            assert asked.reader in ("boards", "monitoring"), "never the shared login of 瓴羊BI"
        if rule.control:
            assert (INCLUDE / "sql" / "alerts" / f"{rule.control}.sql").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"owner": "shop"}, "rules.mine.owner 不对：写 shop 时 ask.by 要有 shop_id"),
        ({"owner": "sellers", "ask": {"values": [{"metric": "stock_qty", "below": 1}]}}, "ask.by 要有 sku_id"),
        ({"ask": {"values": [{"metric": "stok_qty", "below": 1}]}}, "指标目录没有 stok_qty"),
        ({"ask": {"by": ["shop_id"], "values": [{"metric": "stock_qty", "below": 1}]}}, "不能按 shop_id 切分"),
        ({"ask": {"values": [{"metric": "stock_qty"}]}}, "没有界限"),
        ({"ask": {"values": [{"metric": "stock_value", "above": 1}]}}, "只有 finance 角色可见"),
        ({"ask": {"values": [{"metric": "stock_qty", "below": 1, "above": 2}]}}, "只能有一个界限"),
        ({"back": 0}, "rules.mine.back 不对：比界限更坏"),
        ({"board": "stok"}, "没有看板 stok"),
        ({"channel": "feisu"}, "rules.mine.channel 不对：messages.yaml 里没有通道 feisu，有：dingtalk、feishu、sms"),
        ({"severity": "loud"}, "'loud' is not one of"),
        ({"quiet": ["25:00-07:00"]}, "25:00"),
        ({"control": "letters"}, "rules.mine"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Misconfigured) as error:
        load_rules(written(tmp_path, **changes))
    assert said in str(error.value)


def test_quiet_hours_may_go_over_midnight(tmp_path: Path) -> None:
    rule = load_rules(written(tmp_path, quiet=["22:00-07:30"], hours=["08:00-24:00"])).by_name["mine"]
    at = {hour: rule.is_quiet_at(NOON.replace(hour=hour, minute=20)) for hour in (0, 7, 8, 21, 22)}
    assert at == {0: True, 7: True, 8: False, 21: False, 22: True}
    assert [hour for hour in range(24) if not rule.is_asked_at(NOON.replace(hour=hour))] == list(range(8))


def test_a_bound_and_steps_count_away_from_it(tmp_path: Path) -> None:
    rule = load_rules(written(tmp_path, step=10, back=5)).by_name["mine"]
    assert rule.bound == Bound("<", Decimal(1))
    assert rule.calm_border == Bound("<", Decimal(5))
    assert [rule.steps(Decimal(value)) for value in (0, -8, -9, -20, 3)] == [0, 0, 1, 2, 0]


def test_what_no_rule_names_is_not_lost() -> None:
    rule = load_rules().of("a_new_kind", "sale_out")
    assert (rule.channel, rule.severity) == ("feishu", "warn")
    assert load_rules().of("check", "").name == "check_failed"
    assert load_rules().of("alert", "gone_rule").title == "gone_rule"
