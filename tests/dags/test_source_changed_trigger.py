"""What the trigger of a live feed does beside looking at the source."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported


class HeldBack:
    """A watch whose feed holds back for minutes."""

    pace = 1.0

    def role(self) -> str:
        return "lead"

    def held_back(self) -> tuple[str, float]:
        return "上一班失败，保持到 03:16:03 再试", 280.0


class NextRun(HeldBack):
    """A watch that waits while another run reads, until it may get ready to relieve it."""

    pace = 0.1

    def __init__(self) -> None:
        self._roles = iter(("wait", "wait", "relieve"))

    def role(self) -> str:
        return next(self._roles)

    def held_back(self) -> tuple[str, float]:
        raise AssertionError("it is another run's turn: this one does not hold back")

    def reason_to_start(self, role: str) -> str:
        return "" if role == "wait" else "上一班快到时间"


class WaitingForLong(NextRun):
    """A watch whose turn does not come, as the run that reads holds back."""

    def role(self) -> str:
        return "wait"


class Parts:
    def __init__(self, watch: HeldBack) -> None:
        self._watch = watch

    def watch(self, module: str, dag_id: str, run_id: str) -> HeldBack:
        return self._watch


def test_a_run_that_was_cleared_does_not_wait_for_the_hold_back_of_the_next() -> None:
    from airflow.triggers.base import TaskSkippedEvent

    from jst.airflow.triggers import SourceChangedTrigger

    class BeforeACleared(SourceChangedTrigger):
        async def _run_is_queued(self) -> bool:
            return True

    trigger = BeforeACleared("sale_out", "jst_sale_out", "run-2", longest=60.0)
    waiting: Any = Parts(WaitingForLong())
    assert isinstance(asyncio.run(asyncio.wait_for(trigger._wait(waiting), timeout=12)), TaskSkippedEvent)
    leading: Any = Parts(HeldBack())  # it stays: two give way to one, and nothing watches the source
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(trigger._wait(leading), timeout=7))


def test_the_next_run_waits_until_it_relieves_the_one_that_reads() -> None:
    from airflow.triggers.base import TaskSuccessEvent

    from jst.airflow.triggers import SourceChangedTrigger

    parts: Any = Parts(NextRun())
    trigger = SourceChangedTrigger("sale_out", "jst_sale_out", "run-2", longest=60.0)
    event = asyncio.run(asyncio.wait_for(trigger._wait(parts), timeout=12))
    assert isinstance(event, TaskSuccessEvent)
