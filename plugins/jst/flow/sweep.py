"""Asking for every record of a module by key: what changed without moving ``modified`` is found no other way."""

from __future__ import annotations

import logging

import clickhouse_driver

from jst.clock import Clock
from jst.control.plans import Plans
from jst.flow.shift import Limits, PullShift
from jst.flow.window import Window, floor_second
from jst.spec import Module
from jst.warehouse.sql import statement

log = logging.getLogger(__name__)
KEYS_PER_PLAN = 1_000
ORIGIN = "reconcile"


class Sweep:
    """One sweep of one run; a killed one goes on with the plans it had written down."""

    def __init__(
        self, module: Module, plans: Plans, warehouse: clickhouse_driver.Client, clock: Clock, dag_id: str, run_id: str
    ) -> None:
        self._module, self._plans, self._warehouse, self._clock = module, plans, warehouse, clock
        self._dag_id, self._run_id = dag_id, run_id

    def run(self, shift: PullShift) -> dict[str, int]:
        """Plan every key (``include/sql/sweep/<module>.sql``), then pull the plans; returns counts."""
        total, done = self._plan(), 0

        def tell() -> None:
            nonlocal done
            done += 1
            log.info("清点 %s：第 %d 个计划完成，共 %d 个", self._module.name, done, total)

        return shift.work_off(Limits(), ORIGIN, tell)

    def _plan(self) -> int:
        """Write down what is not written down yet; returns how many plans wait."""
        keys = [key for (key,) in self._warehouse.execute(statement(f"sweep/{self._module.name}"))]
        known = self._plans.of_run(self._module.name, self._dag_id, self._run_id)
        began = max((plan.since for plan in known if plan.state == "planned"), default=None)
        now = began or floor_second(self._clock.now())
        planned = {plan.keys for plan in known if plan.since == now}
        chunks = [tuple(keys[start : start + KEYS_PER_PLAN]) for start in range(0, len(keys), KEYS_PER_PLAN)]
        for chunk in chunks:
            if chunk not in planned:
                self._plans.add(
                    self._module.name, ORIGIN, self._dag_id, self._run_id, Window(now, now), now, keys=chunk
                )
        log.info("清点 %s：%d 个主键，%d 个计划", self._module.name, len(keys), len(chunks))
        return len(chunks)
