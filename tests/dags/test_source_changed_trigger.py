"""What the trigger of a live feed does beside looking at the source."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported


class HeldBack:
    """A watch whose feed holds back for minutes."""

    pace = 1.0

    def held_back(self) -> tuple[str, float]:
        return "上一班失败，保持到 03:16:03 再试", 280.0


class Parts:
    def watch(self, module: str, dag_id: str, run_id: str) -> HeldBack:
        return HeldBack()


def test_a_run_that_was_cleared_does_not_wait_for_the_hold_back_of_the_next() -> None:
    from airflow.triggers.base import TaskSkippedEvent

    from jst.airflow.triggers import SourceChangedTrigger

    class BeforeACleared(SourceChangedTrigger):
        async def _run_is_queued(self) -> bool:
            return True

    parts: Any = Parts()
    trigger = BeforeACleared("sale_out", "jst_sale_out", "run-2", longest=60.0)
    event = asyncio.run(asyncio.wait_for(trigger._wait(parts), timeout=12))
    assert isinstance(event, TaskSkippedEvent)
