"""What the tasks of a live feed make of the other half's state when one of them is cleared."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported


class Run:
    """A run whose other task has ``state``, and the parts of the system, which note what they are asked for."""

    run_id = "run-1"
    dag_id = "jst_sale_out"
    clock = SimpleNamespace(monotonic=lambda: 0.0)

    def __init__(self, state: str | None, try_number: int) -> None:
        self.state, self.try_number = state, try_number
        self.again: bool | None = None
        self.lifted: list[tuple[str, str]] = []
        self.holds = SimpleNamespace(lift=lambda *held: self.lifted.append(held))

    def get_task_states(self, *, task_ids: list[str], **_: object) -> dict[str, dict[str, str]]:
        return {"run-1": {task_ids[0]: self.state}} if self.state else {}

    def live_shift(self, *_: str) -> Any:
        return SimpleNamespace(run=lambda _, *, again: setattr(self, "again", again))

    def load_shift(self, *_: str) -> Any:
        return SimpleNamespace(run=lambda _, *, linger: {"rows": 0})


def execute(dags: dict[str, Any], task_id: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jst.airflow.operators.live.parts_from_connections", lambda: nullcontext(run))
    dags["jst_sale_out"].get_task(task_id).execute({"ti": run, "run_id": run.run_id})


@pytest.mark.parametrize(
    ("load", "try_number", "again"),
    [
        ("success", 2, True),  # cleared alone: a whole shift would read for minutes what nobody sees
        ("failed", 3, True),
        (None, 2, False),  # cleared together
        ("queued", 2, False),
        ("running", 2, False),  # its worker was killed
        ("up_for_retry", 2, False),
        ("success", 1, False),  # load had the only slot first
    ],
)
def test_a_pull_without_its_load_does_its_plans_and_gives_way(
    dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch, load: str | None, try_number: int, again: bool
) -> None:
    run = Run(load, try_number)
    execute(dags, "pull_sale_out", run, monkeypatch)
    assert run.again is again


@pytest.mark.parametrize(("pull", "lifted"), [("success", [("sale_out", "run-1")]), ("failed", []), ("running", [])])
def test_a_cleared_load_ends_the_hold_back_of_its_run_unless_its_pull_is_red(
    dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch, pull: str, lifted: list[tuple[str, str]]
) -> None:
    run = Run(pull, 2)
    execute(dags, "load_sale_out", run, monkeypatch)
    assert run.lifted == lifted
