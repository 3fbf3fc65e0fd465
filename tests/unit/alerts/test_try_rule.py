"""A rule tried on the past says on which evening it would have fired, with its hysteresis."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from jst.alerts.rules import load_rules
from jst.alerts.try_rule import main, tried
from jst.clock import SHANGHAI
from jst.errors import Misconfigured

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=SHANGHAI)
RULE = {
    "title": "缺货", "severity": "warn", "channel": "feishu", "owner": "oncall", "do": "补货", "back": 5,
    "ask": {"by": ["sku_id"], "values": [{"metric": "stock_qty", "below": 1}]},
}  # fmt: skip


def test_each_evening_is_judged_after_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"rules": {"mine": RULE}}), "utf-8")
    stock = iter([[], [("A", 0), ("B", 4)], [("A", 4)], []])
    asked: list[dict[str, Any]] = []

    def ask(reader: str, sql: str, parameters: dict[str, Any]) -> Any:
        asked.append(parameters)
        return next(stock)

    days = list(tried(load_rules(path).by_name["mine"], ask, NOW, 3))
    assert days == [
        (date(2026, 11, 27), [], []),
        (date(2026, 11, 28), ["A"], []),
        (date(2026, 11, 29), [], []),  # above the bound, and not yet beyond the way back
        (date(2026, 11, 30), [], ["A"]),
    ]
    assert [each["q0_first"] for each in asked] == [str(day) for day, _, _ in days]
    assert asked[0]["q0_as_of"] == "2026-11-27 23:59:59"


def test_what_only_the_present_knows_is_refused_with_a_word() -> None:
    with pytest.raises(Misconfigured, match="没有过去可试"):
        list(tried(load_rules().by_name["letters"], lambda *_: [], NOW, 1))


def test_an_unknown_rule_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sold_ot"]) == 1
    assert "没有规则 sold_ot。处理：写一个：sold_out、oversold" in capsys.readouterr().out
