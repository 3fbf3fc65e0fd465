"""Words to tell a plan's life in: minutes of one day, windows, receipts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jst.clock import SHANGHAI
from jst.control.plans import Plans
from jst.control.watermarks import Beginning
from jst.model.plan import Plan, Receipt
from jst.model.window import Window
from jst.model.words import Origin

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=SHANGHAI)
MODULE, DAG = "sale_out", "jst_sale_out"
OVERLAP = timedelta(seconds=30)


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seconds_of(moment: datetime | None) -> int:
    """The reverse of ``at``."""
    assert moment is not None
    return int((moment - NOON).total_seconds())


def begin(plans: Plans, module: str, moment: datetime) -> datetime:
    """A feed without a first load."""
    return plans.watermarks.start_live(module, Beginning(moment, moment))


def add(plans: Plans, since: int, end: int, *, run: str = "run-1", origin: Origin = "live") -> Plan:
    """A plan that continues at ``since``, with the overlap a live plan has."""
    return plans.add(MODULE, origin, DAG, run, Window(at(since) - OVERLAP, at(end)), at(since))


def receipt(plan: Plan, attempt: int, **facts: Any) -> Receipt:
    """Proven, with one record at offset 0 of partition 0, unless told otherwise."""
    told = {"requests": 1, "rows": 1, "keys": 1, "carried": 1, "letters": 0, "total_first": 1, "total_last": 1}
    known: dict[str, Any] = {**told, "proof": "counted", "offsets": {0: (0, 1)}, **facts}
    return Receipt(plan_id=plan.plan_id, attempt=attempt, started_at=NOON, **known)


def pull(plans: Plans, plan: Plan, **facts: Any) -> Receipt:
    """One attempt, from its number to its receipt."""
    given = receipt(plan, plans.start_attempt(plan), **facts)
    plans.pulled(plan, given)
    return given


def load(plans: Plans, *receipts: Receipt) -> None:
    plans.loaded(MODULE, [(given.plan_id, given.attempt) for given in receipts])


def read_mark(plans: Plans) -> int:
    return seconds_of(plans.watermarks.value(MODULE, "read"))


def complete_mark(plans: Plans) -> int:
    return seconds_of(plans.watermarks.value(MODULE, "complete"))
