"""Whatever the ledger says, its link leads to a DAG that exists."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.ledger.cards import module_cards
from jst.ledger.facts import Facts, Ledger
from jst.ledger.findings import findings
from jst.ledger.page_html import content
from jst.ledger.rows import HoldRow, IncidentRow, MartDayRow, TroubleRow, WaitingRow, WatermarkRow
from jst.model.check_facts import load_checks
from jst.model.module import load_module, module_names

NOW = datetime(2026, 11, 26, 18, 53, 34, tzinfo=SHANGHAI)
LATE = timedelta(hours=5)


def told(**parts: Any) -> Ledger:
    nothing: dict[str, list[Any]] = {field.name: [] for field in fields(Facts)}
    return Ledger(NOW, Facts(**{**nothing, **parts}), ())


def marks(kind: str) -> list[WatermarkRow]:
    seconds = LATE.total_seconds()
    return [
        WatermarkRow(name, kind, NOW - LATE, "sale_out-7 planned", seconds, load_module(name).role == "live")
        for name in module_names()
    ]


def trouble(module: str, nature: str) -> TroubleRow:
    facts = ("没有答复", "", "检查", 3, NOW - LATE, LATE.total_seconds())
    return TroubleRow(module, "load", nature, module, "run-1", *facts)  # type: ignore[arg-type]


ALL = (*module_names(), "marts")
SITUATIONS: dict[str, dict[str, list[Any]]] = {
    "troubled": {"troubles": [trouble(name, "passing") for name in ALL]},
    "stopped": {"troubles": [trouble(name, "hopeless") for name in ALL]},
    "held": {"holds": [HoldRow(name, 1, NOW, "run-1", "坏了") for name in ALL]},
    "not loaded": {"waiting": [WaitingRow(name, "live", "pulled", 3, 400.0) for name in reversed(module_names())]},
    "late": {"marks": marks("visible")},
    "standing": {"marks": marks("complete")},
    "checks": {
        "incidents": [IncidentRow(each.kind, "", each.name, each.title, each.do, NOW, 1) for each in load_checks()]
    },
    "marts": {"mart_days": [MartDayRow(NOW.date(), 4000.0)]},
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_finding_leads_to_a_dag_that_exists(dags: dict[str, Any], situation: str) -> None:
    known = {dag.dag_id for dag in dags.values()}
    ledger = told(**SITUATIONS[situation])
    found = findings(ledger)
    assert found
    assert {each.dag_id for each in found} <= known
    content(ledger)
    assert module_cards(ledger, found)


def test_so_does_each_module_alone(dags: dict[str, Any]) -> None:
    """A group shows the link of its first module only."""
    known = {dag.dag_id for dag in dags.values()}
    for name in ALL:
        waiting = [WaitingRow(name, "live", "pulled", 3, 400.0)]
        for ledger in (told(troubles=[trouble(name, "passing")]), told(waiting=waiting)):
            assert {each.dag_id for each in findings(ledger)} <= known, name
