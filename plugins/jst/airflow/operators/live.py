"""The operators of a live feed: pull and load, side by side, until the shift ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jst.airflow.hooks import parts_from_connections
from jst.airflow.operators.module_operator import ModuleOperator
from jst.flow.live.shift import Limits

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.sdk.types import RuntimeTaskInstanceProtocol

RUNNING = {"running", "restarting", "deferred", "up_for_retry", "up_for_reschedule"}
STILL_TO_START = {None, "scheduled", "queued"}
LONGEST_START_SECONDS = 60.0
"""How long load waits for a pull that does not start: where slots are scarce it may stand behind load itself."""
LINGER_SECONDS = 10.0
"""How long load goes on after its pull: another run's pull goes on at once, whose load may still be starting."""


class PullShiftOperator(ModuleOperator):
    """Pull one module's micro-batches until the shift ends; cleared later, it redoes exactly that run's plans."""

    def __init__(self, *, module: str, load_task_id: str, **kwargs: Any) -> None:
        super().__init__(module=module, **kwargs)
        self.load_task_id = load_task_id

    def execute(self, context: Context) -> dict[str, int]:
        ti, run_id = context["ti"], context["run_id"]
        # A first try that had to wait for its slot may find load gone: it pulls all the same, or nothing ever would.
        alone = ti.try_number > 1 and state_in_run(ti, self.load_task_id) not in RUNNING | STILL_TO_START
        with parts_from_connections() as parts:
            return parts.live_shift(self.module, self.dag_id, run_id).run(Limits(), again=alone)


class LoadShiftOperator(ModuleOperator):
    """Load one module's pulled batches until the run's pull has ended."""

    def __init__(self, *, module: str, pull_task_id: str, **kwargs: Any) -> None:
        super().__init__(module=module, **kwargs)
        self.pull_task_id = pull_task_id

    def execute(self, context: Context) -> dict[str, int]:
        ti, run_id = context["ti"], context["run_id"]

        with parts_from_connections() as parts:
            began = parts.clock.monotonic()

            def pull_is_running() -> bool:
                state = state_in_run(ti, self.pull_task_id)
                if state in STILL_TO_START:
                    return parts.clock.monotonic() - began < LONGEST_START_SECONDS
                return state in RUNNING

            counts = parts.load_shift(self.module, run_id).run(pull_is_running, linger=LINGER_SECONDS)
            if state_in_run(ti, self.pull_task_id) == "success":
                parts.holds.lift(self.module, run_id)  # what it was red for is over, and nothing else is red
            return counts


def state_in_run(ti: RuntimeTaskInstanceProtocol, task_id: str) -> str | None:
    """Return the state of another task of this run; None before it is scheduled."""
    states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[task_id], run_ids=[ti.run_id])
    state: str | None = states.get(ti.run_id, {}).get(task_id)
    return state
