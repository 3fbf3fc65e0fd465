"""A triggerer that is restarted again and again makes no task red: a shift ends before its task times out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from jst.clock import SystemClock

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported
HOUR = 3600.0
TRIGGERS: list[tuple[str, str, tuple[Any, ...], str]] = [
    ("triggers", "SourceChangedTrigger", ("sale_out", "jst_sale_out", "run", HOUR), "skipped"),
    ("triggers", "MartDaysTrigger", ("run", HOUR), "skipped"),
    ("triggers", "FiguresTrigger", (HOUR,), "success"),
    ("alert_trigger", "AlertsTrigger", (HOUR,), "success"),
    ("message_trigger", "MessagesTrigger", (HOUR,), "success"),
]


@pytest.mark.parametrize(("module", "name", "arguments", "state"), TRIGGERS, ids=[each[1] for each in TRIGGERS])
def test_what_began_anew_shortly_before_the_time_out_ends_well_at_once(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, arguments: tuple[Any, ...], state: str
) -> None:
    part = import_module(f"jst.airflow.{module}")
    turns = SimpleNamespace(leave=lambda module, run_id: None)
    nothing: Any = SimpleNamespace(close=lambda: None, holds=SimpleNamespace(turns=turns))

    monkeypatch.setattr("jst.airflow.triggers.parts_from_connections", lambda: nothing)
    monkeypatch.setattr(part, "MessageRound", lambda *_: nothing, raising=False)
    trigger = getattr(part, name)(*arguments)
    trigger.timeout_after = SystemClock().now() + timedelta(seconds=100)

    async def first() -> Any:
        return await anext(trigger.run())

    event = asyncio.run(asyncio.wait_for(first(), 5))
    assert event.payload == state
