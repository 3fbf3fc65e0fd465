"""What a reading of a rule means for its incidents. Pure: the same reading judged twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from jst.alerts.rules import Rule
from jst.control.alert_book import Changes, Open, Opening

FLAPS, FLAP_CALM = 3, timedelta(minutes=15)
"""What was opened so often within the hour has to be calm for so long before it is called over."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """What a rule found of a subject that is not calm. ``value`` None: of what is there or not. ``keys``: as in
    ``Opening``."""

    subject: str
    what: str
    value: Decimal | None = None
    owners: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)


def is_bad(rule: Rule, reading: Crossing) -> bool:
    """Say whether a subject that is not calm is bad: else it lies between the bound and the way back."""
    return reading.value is None or not rule.values or rule.bound.holds(reading.value)


def judge(rule: Rule, readings: Sequence[Crossing], standing: Sequence[Open], now: datetime) -> Changes:
    """Compare what is not calm with the incidents that stand. A subject without a reading is calm."""
    found = {reading.subject: reading for reading in readings}
    worse, calm, again, closed = [], [], [], []
    for each in standing:
        reading = found.pop(each.subject, None)
        if reading is None:
            since = each.calm_since or now
            if now - since >= _must_be_calm(rule, each):
                closed.append(each.id)
            elif each.calm_since is None:
                calm.append(each.id)
        elif is_bad(rule, reading) and (step := _steps(rule, reading)) > each.step:
            worse.append((each.id, step, reading.what))
        elif each.calm_since is not None:
            again.append(each.id)
    opened = [
        Opening(reading.subject, reading.what, _steps(rule, reading), reading.owners, reading.keys)
        for reading in found.values()
        if is_bad(rule, reading)
    ]
    return Changes(opened, worse, calm, again, closed)


def _steps(rule: Rule, reading: Crossing) -> int:
    return 0 if reading.value is None else rule.steps(reading.value)


def _must_be_calm(rule: Rule, each: Open) -> timedelta:
    wanted = timedelta(minutes=rule.calm_minutes)
    return max(wanted, FLAP_CALM) if each.openings >= FLAPS else wanted
