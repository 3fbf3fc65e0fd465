"""What a reading means for incidents: hysteresis, steps, calm, flapping."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jst.alerts.judge import FLAPS, Crossing, judge
from jst.alerts.rules import Bound, Rule, RuleValue
from jst.clock import SHANGHAI
from jst.control.alert_book import Changes, Open, Opening
from jst.metrics.catalogue import load_catalogue

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=SHANGHAI)
RATE = Rule(
    "rate", "售后率", "warn", "feishu", "oncall", "看", by=("shop_id",), back=Decimal("0.045"), step=Decimal("0.02"),
    values=(RuleValue(load_catalogue().metrics["after_sale_rate"], "today", bound=Bound(">", Decimal("0.05"))),),
    calm_minutes=5,
)  # fmt: skip


def rate(value: str, subject: str = "101") -> Crossing:
    return Crossing(subject, f"{subject} {value}", Decimal(value))


def standing(step: int = 0, calm: float | None = None, openings: int = 1) -> list[Open]:
    return [Open(7, "101", step, None if calm is None else NOW - timedelta(minutes=calm), openings)]


@pytest.mark.parametrize(
    ("readings", "before", "expected"),
    [
        ([rate("0.05")], [], {}),  # the bound itself is not above it
        ([rate("0.0501")], [], {"opened": [Opening("101", "101 0.0501")]}),
        ([rate("0.05")], standing(), {}),  # between the way back and the bound: neither over nor new
        ([rate("0.069")], standing(), {}),  # worse, but by no step
        ([rate("0.07")], standing(), {"worse": [(7, 1, "101 0.07")]}),
        ([rate("0.09")], standing(step=2), {}),  # said to be that bad before
        ([], standing(), {"calm": [7]}),
        ([], standing(calm=4.9), {}),
        ([], standing(calm=5), {"closed": [7]}),
        ([rate("0.06")], standing(calm=4.9), {"found": [7]}),
        ([], standing(calm=14, openings=FLAPS), {}),  # flaps: it has to be calm for longer
        ([], standing(calm=15, openings=FLAPS), {"closed": [7]}),
    ],
)
def test_what_a_reading_changes(readings: list[Crossing], before: list[Open], expected: dict[str, Any]) -> None:
    assert changed(judge(RATE, readings, before, NOW)) == expected


def changed(changes: Changes) -> dict[str, Any]:
    found = {field.name: list(getattr(changes, field.name)) for field in fields(changes)}
    return {name: part for name, part in found.items() if part}


def test_what_was_judged_changes_nothing_when_it_is_judged_again() -> None:
    """A killed round is done again."""
    first = judge(RATE, [rate("0.08")], [], NOW)
    again = judge(RATE, [rate("0.08")], [Open(1, "101", first.opened[0].step, None, 1)], NOW)
    assert changed(again) == {}


def test_a_rule_without_calm_minutes_closes_at_once() -> None:
    calm = Rule("letters", "死信", "warn", "feishu", "oncall", "看", control="letters")
    assert changed(judge(calm, [], standing(), NOW)) == {"closed": [7]}
