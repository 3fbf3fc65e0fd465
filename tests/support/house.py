"""The parts of the system as a task would have them, without Airflow."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from jst.addresses import KnownAddresses
from jst.clock import Clock
from jst.control.watermarks import INITIAL_DAG
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.flow.live.shift import LiveShift
from jst.flow.live.watch import Watch
from jst.flow.load import Loader
from jst.flow.plan_worker import PlanWorker
from jst.flow.pull import Puller
from jst.flow.reconcile.round import Reconcile
from jst.model.module import Module
from jst.wiring import Parts
from tests.support.clocks import Skipping
from tests.support.database_time import pass_time
from tests.support.sandbox import SECRET, Sandbox

FIRST_LOAD_DAYS = 15


class House(Parts):
    """The parts of the system on empty stores; modules and runs have defaults, and every puller a client of its own."""

    def __init__(self, dsn: str, kafka: str, clickhouse: dict[str, Any], sandbox: Sandbox, **extra: Any) -> None:
        source = Settings.from_connection(sandbox.url, None, None, "sandbox_app", SECRET, extra)
        clock = Skipping(lambda: sandbox.moved, self.skip)
        super().__init__(KnownAddresses(dsn, {"bootstrap.servers": kafka}, clickhouse, source), clock)
        self.dsn, self.sandbox, self.address = dsn, sandbox, clickhouse

    def beside(self) -> House:
        """Return the house of another process on the same stores and shop, to be closed by the caller."""
        other = House(self.dsn, self.kafka["bootstrap.servers"], self.address, self.sandbox)
        other.settings = self.settings
        return other

    def module(self, name: str) -> Module:
        """Return the module with a first load of three windows at most: no shop here is older than a week."""
        module = super().module(name)
        return replace(module, initial_days=min(module.initial_days, FIRST_LOAD_DAYS))

    def skip(self, seconds: float) -> None:
        """Let time pass at once: in the shop, in the control database and for the product's own clock."""
        self.sandbox.forward(seconds)
        pass_time(self.database, seconds)

    def freeze(self) -> None:
        """Let the shop stand still, and time pass until its last change may be read."""
        self.sandbox.post("freeze")
        self.skip(4)

    def use_clock(self, clock: Clock) -> None:
        """Give everything that is built from now on another clock."""
        self.clock = clock
        for part in ("budget", "load_lock", "nodes"):
            self.__dict__.pop(part, None)  # built before, they would go on with the old one

    def wait_really(self, *, really: bool = True) -> None:
        """Sleep as the product does, for tests in which something else goes on meanwhile."""
        assert isinstance(self.clock, Skipping)
        self.clock.waits = really

    @property
    def client(self) -> Client:  # not cached: every puller and watch has one of its own
        return self.new_client()

    def puller(self, module: str = "sale_out") -> Puller:
        return super().puller(module)

    def shift(self, module: str = "sale_out", run_id: str = "run-1", puller: Puller | None = None) -> LiveShift:
        return self.live_shift(module, f"jst_{module}", run_id, puller)

    def worker(self, module: str = "sale_out", run_id: str = "run-1", puller: Puller | None = None) -> PlanWorker:
        return self.plan_worker(module, f"jst_{module}", run_id, puller)

    def initial(self, module: str = "sale_out") -> PlanWorker:
        """Return the worker of the first load's plans."""
        return self.plan_worker(module, INITIAL_DAG, "first load")

    def watch(self, module: str = "sale_out", dag_id: str = "", run_id: str = "run-1") -> Watch:
        return super().watch(module, dag_id or f"jst_{module}", run_id)

    def loader(self, module: str = "sale_out") -> Loader:
        return super().loader(module)

    def reconcile(
        self,
        module: str = "sale_out",
        run_id: str = "round-1",
        *,
        patience: float = 0.0,
        rng: random.Random | None = None,
    ) -> Reconcile:
        """A round; with ``patience`` live must run beside it."""
        return super().reconcile(module, run_id, patience=patience, rng=rng)

    def first_load(self, module: str = "sale_out") -> None:
        """Pull and load what lies before the live feed's beginning."""
        worker = self.initial(module)
        worker.ensure_begun()
        worker.work_off("initial")
        while self.loader(module).load_waiting():
            pass

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.warehouse.execute(sql))
