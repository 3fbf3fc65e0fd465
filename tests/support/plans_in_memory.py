"""Replenishment plans kept in memory, and an Airflow that notes which runs it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jst.boards.plan_desk import PlanDesk
from jst.boards.scopes import Ask
from jst.clock import Clock
from jst.control.replenishments import Replenishment, Replenishments
from jst.errors import JstError


class KeptPlans(Replenishments):
    """As the control database keeps them, for one thread."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.plans = clock, list[Replenishment]()

    def __call__(self, work: Callable[[Replenishments], Any]) -> Any:
        return work(self)

    def ask(self, run_id: str, by: str, params: Mapping[str, Any]) -> Replenishment:
        for plan in self.plans:
            if plan.asked_by == by and plan.is_open:
                return plan
        now = self.clock.now()
        plan = Replenishment(
            len(self.plans) + 1, run_id, "board", by, now, dict(params), "waiting", "", None, now, None, None
        )
        self.plans.append(plan)
        return plan

    def change(self, number: int, **changes: Any) -> None:
        self.plans[number - 1] = replace(self.plans[number - 1], **changes)

    def fail(self, replenishment_id: int, why: str) -> None:
        self.change(replenishment_id, state="failed", progress=why)

    def one(self, replenishment_id: int) -> Replenishment | None:
        return next((plan for plan in self.plans if plan.replenishment_id == replenishment_id), None)

    def listed(self, most: int = 100) -> list[Replenishment]:
        return self.plans[::-1][:most]


class NotedRuns:
    """``started``: run → (params, person); ``states``: what Airflow says of a run; ``refuses``: why none can start."""

    def __init__(self) -> None:
        self.started: dict[str, tuple[Mapping[str, Any], str]] = {}
        self.states: dict[str, str] = {}
        self.refuses: JstError | None = None

    def start(self, run_id: str, params: Mapping[str, Any], by: str) -> None:
        if self.refuses:
            raise self.refuses
        self.started[run_id], self.states[run_id] = (params, by), "queued"

    def state(self, run_id: str) -> str:
        return self.states.get(run_id, "")


def plan_desk(ask: Ask, clock: Clock) -> PlanDesk:
    """Build a desk for pages on which no plan is asked for."""
    return PlanDesk(ask, KeptPlans(clock), NotedRuns(), clock)
