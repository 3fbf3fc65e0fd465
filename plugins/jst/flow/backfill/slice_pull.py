"""Reading a business day again, slice by slice."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import clickhouse_driver

from jst.clock import SHANGHAI
from jst.control.certificate_log import CertificateLog
from jst.control.plans import Plans
from jst.flow.backfill.business_day import JUST_NOW, Slice
from jst.flow.plan_worker import PlanWorker
from jst.model.module import Module
from jst.model.plan import Plan
from jst.model.record_id import branch_key
from jst.model.window import Window, floor_second, weeks
from jst.model.words import Origin
from jst.warehouse.sql import statement

log = logging.getLogger(__name__)
ORIGIN: Origin = "backfill"
KEYS_PER_PLAN = 1_000
PATIENCE_SECONDS = 60.0
"""A backfill that has to wait longer gives its worker back."""


class SlicePull:
    """Pulls one slice in one run. Its plans are written down once; a cleared slice finds them and reads them again."""

    def __init__(
        self, part: Slice, plans: Plans, certificates: CertificateLog, warehouse: clickhouse_driver.Client,
        dag_id: str, run_id: str,
    ) -> None:  # fmt: skip
        self._part, self._plans, self._certificates, self._warehouse = part, plans, certificates, warehouse
        self._dag_id, self._run_id = dag_id, part.run_id(run_id)

    def run(self, worker: PlanWorker, began: datetime) -> dict[str, int]:
        """Pull every plan that was not pulled since the run ``began``, with every row; if none is left, the slice was
        cleared to be read once more, and all are. Raises Refused when the next request is more than a minute away: what
        is done stays done."""
        began = max(began, read_since(worker.module, self._plans))  # what was read before is of other records
        self._write_down(worker, began)
        if not self._left(began):
            began = self._certificates.now()
            self._write_down(worker, began)
        counts = self._pull(worker, began)
        if self._part.window is None and not worker.puller.by_key.answers():  # which this reading may have shown
            self._write_down(worker, began)
            counts = {name: count + counts[name] for name, count in self._pull(worker, began).items()}
        log.info("切片 %s 拉取完成：%d 个计划，%d 条记录写入 Kafka", self._part, counts["plans"], counts["carried"])
        return counts

    def _pull(self, worker: PlanWorker, began: datetime) -> dict[str, int]:
        done = 0

        def log_progress() -> None:
            nonlocal done
            done += 1
            log.info("切片 %s：已完成 %d 步，还剩 %d 个计划", self._part, done, len(self._left(began)))

        return worker.pull_all(lambda: self._left(began), log_progress, patience_seconds=PATIENCE_SECONDS)

    def _left(self, began: datetime) -> list[Plan]:
        return unread(plans_of(self._part, self._plans, self._dag_id, self._run_id), self._certificates, began)

    def _write_down(self, worker: PlanWorker, began: datetime) -> None:
        """Write a plan for what no plan of the slice covers yet."""
        known, window = plans_of(self._part, self._plans, self._dag_id, self._run_id), self._part.window
        if window is None:
            self._write_down_all(worker, known, floor_second(began))
            return
        since = max((plan.window.end for plan in known), default=window.start)
        if since < window.end:
            rest = Window(since, window.end, window.field)
            self._plans.add(self._part.module, ORIGIN, self._dag_id, self._run_id, rest, since)

    def _write_down_all(self, worker: PlanWorker, known: list[Plan], began: datetime) -> None:
        """Write plans as of now, by key: every run of the slice asks for the keys there are by then. Keys that cannot
        be asked for are looked for in all the windows of the first load."""
        by_key, planned = worker.puller.by_key, [plan for plan in known if plan.since == began]
        asked = {key for plan in planned for key in plan.keys}
        own = [key for (key,) in self._warehouse.execute(statement(f"modules/{self._part.module}/sweep"))]
        branches = worker.puller.warehouses.asked(origin=ORIGIN)
        keys = {branch_key(key, branch) if branch else key for key in own for branch in branches}
        understood = {key for key in keys if by_key.understands(key)} if by_key.answers() else set[str]()
        fresh = sorted(understood - asked)
        write_down(self._plans, self._part.module, self._dag_id, self._run_id, fresh, began)
        if keys - understood and all(plan.keys for plan in planned):
            self._write_down_windows(worker, began)
        log.info("切片 %s：%d 个主键，其中 %d 个只能在窗口里找", self._part, len(keys), len(keys - understood))

    def _write_down_windows(self, worker: PlanWorker, began: datetime) -> None:
        module, end = worker.module, began - JUST_NOW
        start = end - timedelta(days=module.initial_days)
        counts = module.endpoint(worker.puller.client.dialect).counts
        for window in weeks(start, end) if counts else [Window(start, end)]:
            cursor = None if counts else 0
            self._plans.add(module.name, ORIGIN, self._dag_id, self._run_id, window, began, cursor=cursor)


def read_since(module: Module, plans: Plans) -> datetime:
    """Return the second from which on what is read is of the records there are now: stock was of another kind before
    it changed over."""
    since = plans.stock_kinds.standing().since if module.warehouse_field else None
    return floor_second(since) + timedelta(seconds=1) if since else datetime.min.replace(tzinfo=SHANGHAI)


def plans_of(part: Slice, plans: Plans, dag_id: str, run_id: str) -> list[Plan]:
    """Return all plans of a slice (``run_id`` is the slice's own); of a slice of all keys only those made last."""
    known = plans.of_run(part.module, dag_id, run_id)
    last = max((plan.since for plan in known), default=None)
    return [plan for plan in known if part.window is not None or plan.since == last]


def unread(plans: Sequence[Plan], certificates: CertificateLog, began: datetime) -> list[Plan]:
    """Return those of ``plans`` that were not pulled since ``began``."""
    left = certificates.not_pulled_since([plan.plan_id for plan in plans], began)
    return [plan for plan in plans if plan.plan_id in left]


def write_down(plans: Plans, module: str, dag_id: str, run_id: str, keys: Sequence[str], now: datetime) -> list[Plan]:
    """Write down plans that request ``keys``; returns them."""
    return [
        plans.add(module, ORIGIN, dag_id, run_id, Window(now, now), now, keys=keys[start : start + KEYS_PER_PLAN])
        for start in range(0, len(keys), KEYS_PER_PLAN)
    ]
