"""The operators of a live feed: pull and load, side by side, until the shift ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jst.airflow.hooks import parts_from_connections
from jst.airflow.operators.module_operator import ModuleOperator
from jst.flow.live.shift import Limits

if TYPE_CHECKING:
    from airflow.sdk import Context

RUNNING = {"running", "restarting", "deferred", "up_for_retry", "up_for_reschedule"}
STILL_TO_START = {None, "scheduled", "queued"}
LONGEST_START_SECONDS = 60.0
"""How long load waits for a pull that does not start: where slots are scarce it may stand behind load itself."""


class PullShiftOperator(ModuleOperator):
    """Pull one module's micro-batches until the shift ends; cleared later, it redoes exactly that run's plans."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts:
            return parts.live_shift(self.module, self.dag_id, context["run_id"]).run(Limits())


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
                states = ti.get_task_states(dag_id=self.dag_id, task_ids=[self.pull_task_id], run_ids=[run_id])
                state = states.get(run_id, {}).get(self.pull_task_id)
                if state in STILL_TO_START:
                    return parts.clock.monotonic() - began < LONGEST_START_SECONDS
                return state in RUNNING

            return parts.load_shift(self.module, run_id).run(pull_is_running)
