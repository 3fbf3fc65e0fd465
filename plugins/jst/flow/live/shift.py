"""A shift: one run of a live feed, many micro-batches. Its halves share only the control database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from jst.clock import Clock
from jst.control.degradation import BATCH_SECONDS, Degraded
from jst.control.holds import Holds
from jst.control.plans import Plans
from jst.control.troubles import PATIENCE_SECONDS, TaskTrouble
from jst.errors import Refused, Retry
from jst.flow.live.gap import WIDEST, Gap
from jst.flow.plan_worker import PlanWorker
from jst.flow.pull import Puller
from jst.model.plan import Plan

log = logging.getLogger(__name__)
CLEAN_SHARE = 0.02
"""A batch is clean when no more than this share of its requests was refused."""
STAND_BY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: a shift's length, how long before its end the next one may get ready to relieve it, the silence that
    ends it, the trouble it bears."""

    longest: float = 300.0
    relief: float = 15.0
    quiet: float = 30.0
    patience: float = PATIENCE_SECONDS


class LiveShift:
    """The pulling half of a live feed's run."""

    def __init__(self, puller: Puller, plans: Plans, feeds: Holds, clock: Clock, dag_id: str, run_id: str) -> None:
        self._puller, self._plans, self._feeds, self._clock = puller, plans, feeds, clock
        self._module, self._dag_id, self._run_id = puller.module, dag_id, run_id
        self._trouble = TaskTrouble(feeds.troubles, puller.module.name, "pull", run_id)
        puller.client.on_failed_try = self._trouble.note
        self._worker = PlanWorker(puller, plans, clock, dag_id, run_id, self._trouble)
        self._feed, self._gap = self._worker.feed, Gap(puller.module, puller.client, plans, puller.warehouses)
        self._degraded = False

    def run(self, limits: Limits, *, again: bool = False) -> dict[str, int]:
        """Pull until the shift is over, or do a cleared run's plans again; returns counts for the task's XCom.

        ``again``: the run's load has ended, so that nothing of a whole shift would be seen before it is over."""
        self._feeds.lift(self._module.name, self._run_id)
        with self._reading(limits):
            self._feed.warehouses.begin()
            if again or self._feeds.shift_ended(self._module.name, self._run_id) is not None:
                counts = self._pull_again(limits)
            elif (degraded := self._feeds.degradation.current(self._module.name)) is not None:
                counts = self._pull_batch(limits, degraded)
            else:
                counts = self._pull_live(limits)
            self._worker.log_progress(every_seconds=0.0)
            self._feeds.end_shift(self._module.name, self._run_id)
        return counts

    @contextmanager
    def _reading(self, limits: Limits) -> Iterator[None]:
        """Be the one process that reads this module's feed. Raises Retry when another one reads on for two shifts."""
        turns, name = self._feeds.turns, self._module.name
        began, said = self._clock.monotonic(), False
        while not turns.begin_reading(name, self._run_id, limits.longest - limits.relief):
            if self._clock.monotonic() > began + 2 * limits.longest:
                raise Retry(
                    f"{self._module.title}的另一次运行一直在读，没有交接",
                    do="下一班会接着试；另一次运行的 pull 卡住了，就结束它的进程",
                )
            if not said:
                log.info("另一次运行还在读，等它交接（最多 %.0f 分钟）", limits.longest / 60)
                said = True
            self._clock.sleep(STAND_BY_SECONDS)
        try:
            yield
        finally:
            with suppress(Retry):  # it goes with the session anyway
                turns.end_reading(name, self._run_id)

    def _pull_again(self, limits: Limits) -> dict[str, int]:
        done, carried = set[str](), 0
        log.info("本次运行被清除：只重做它的 %d 个计划，不影响实时进度", len(self._left(done)))
        if not self._left(done):
            self._feed.closed_end()  # asks the source: a task that was red turns green by an answer only
            self._has_recovered()
        while left := self._left(done):
            with self._worker.bear_trouble(limits.patience):
                receipt = self._puller.pull(left[0], again=True)
                if receipt is None:
                    continue  # cut in two: both halves are among the run's plans now
                self._has_recovered()
                done.add(receipt.plan_id)
                carried += receipt.carried
                log.info("重做 %d/%d 完成", len(done), len(done) + len(left) - 1)
        return {"plans": len(done), "carried": carried}

    def _has_recovered(self) -> None:
        if self._trouble.over():
            self._feeds.healthy(self._module.name)

    def _left(self, done: set[str]) -> list[Plan]:
        """Return the run's plans not yet done again. What watch proved without pulling stays as it is, and parts of a
        gap that were never begun wait for a whole shift: they may be hours of work."""
        plans = self._plans.of_run(self._module.name, self._dag_id, self._run_id)
        begun = (plan for plan in plans if plan.attempt or (plan.state == "planned" and plan.origin == "live"))
        return [plan for plan in begun if plan.plan_id not in done]

    def _pull_live(self, limits: Limits) -> dict[str, int]:
        clock, plans, carried = self._clock, 0, 0
        pace = self._feed.pace_of(self._plans.recent(self._module.name))
        started = last_news = clock.monotonic()
        while (
            not self._degraded
            and clock.monotonic() - started < limits.longest
            and (self._trouble.stands or clock.monotonic() - last_news < limits.quiet)  # trouble is no silence
        ):
            turn = clock.monotonic()
            self._worker.log_progress()
            with self._worker.bear_trouble(limits.patience, self._stops_in_a_storm):
                if not self._feeds.turns.goes_on(self._module.name, self._run_id):
                    log.info("下一班已经就绪，由它接着读")
                    break
                plan = self._next_plan(self._feed.live_end(calm=pace.calm))
                receipt = self._worker.pull_or_set_aside(plan) if plan else None
                plans += receipt is not None
                if receipt and receipt.carried:
                    carried += receipt.carried
                    last_news = clock.monotonic()
                spent = clock.monotonic() - turn
                if plan and receipt:
                    covered = (plan.window.end - plan.since).total_seconds()
                    pace.learn(receipt.carried, receipt.requests, spent, None if receipt.more else covered)
                if plan is None or (receipt is not None and not receipt.more):
                    if (of_gap := self._work_gap(turn + pace.seconds)) is not None:
                        plans, carried, last_news = plans + 1, carried + of_gap, clock.monotonic()
                    clock.sleep(turn + pace.seconds - clock.monotonic())
        log.info("本班结束：%d 个计划，%d 条新记录", plans, carried)
        return {"plans": plans, "carried": carried}

    def _work_gap(self, until: float) -> int | None:
        """Pull parts of a gap until the next look is due; returns how many records, None when there is no gap."""
        carried = None
        while self._worker.gap_left and self._clock.monotonic() < until:
            plan = self._plans.next_planned(self._module.name, "gap")
            if plan is None:
                self._worker.gap_left = False
                break
            receipt = self._worker.pull_or_set_aside(plan)
            carried = (carried or 0) + (receipt.carried if receipt else 0)
        return carried

    def _stops_in_a_storm(self) -> bool:
        """Say whether refusals have become a storm: then this shift ends, and the feed pulls a batch every five
        minutes."""
        if reason := self._puller.client.storm(self._module):
            degraded = self._feeds.degradation.step_down(self._module.name, reason)
            log.warning("%s的实时流 %s", self._module.title, degraded)
            self._degraded = True
        return self._degraded

    def _pull_batch(self, limits: Limits, degraded: Degraded) -> dict[str, int]:
        """Degraded: one batch up to the source's present. What stays refused is kept for the next one."""
        log.warning("%s的实时流 %s", self._module.title, degraded)
        began, spending = self._clock.monotonic(), self._puller.client.spending
        requests, refused, finished = spending.requests, spending.refused, True
        counts = {"plans": 0, "carried": 0}
        try:
            target = self._feed.closed_end()
            counts = self._worker.pull_while(
                lambda: self._next_of_batch(target, began + limits.longest),
                patience_seconds=limits.patience,
            )
        except Refused as refusal:
            log.warning("%s 本批到此为止，计划保留到下一批", refusal)
            finished = False
        clean = finished and spending.refused - refused <= CLEAN_SHARE * (spending.requests - requests)
        after = self._feeds.degradation.record_batch(degraded, self._clock.monotonic() - began, clean=clean)
        log.warning("%s的实时流%s", self._module.title, f" {after}" if after else "恢复为实时：连续三批几乎没有被拒")
        return counts

    def _next_of_batch(self, target: datetime, give_up: float) -> Plan | None:
        if self._clock.monotonic() > give_up:
            return None
        plan = self._next_plan(target, widest=timedelta(seconds=2 * BATCH_SECONDS))
        return plan or self._plans.next_planned(self._module.name, "gap")

    def _next_plan(self, end: datetime, widest: timedelta = WIDEST) -> Plan | None:
        """Return a live plan that is written down, else a new one up to ``end``; None when all of it is read. A stretch
        wider than ``widest`` becomes a gap that is worked off later, and the plan begins behind it."""
        plan = self._plans.next_planned(self._module.name, "live")
        ahead = None if plan else self._feed.next_read(end)
        if ahead is None:
            return plan
        if self._gap.skip(ahead, end, self._dag_id, self._run_id, widest=widest):
            self._worker.gap_left = True
            return self._next_plan(end, widest)
        return self._worker.write_down("live", ahead)
