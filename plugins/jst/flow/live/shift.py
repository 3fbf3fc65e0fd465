"""A shift: one run of a live feed, many micro-batches (architecture D1). Its halves share nothing but jst_ops."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from jst.clock import Clock
from jst.control.degradation import BATCH_SECONDS, Degraded
from jst.control.holds import Holds
from jst.control.plans import Plans
from jst.errors import Refused, Retry
from jst.flow.live.gap import WIDEST, Gap
from jst.flow.live.set_aside import SetAside
from jst.flow.load import Loader
from jst.flow.pull import REDRIVE, Puller
from jst.model.plan import Plan, Receipt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: a shift's length, the silence that ends it, the trouble it bears."""

    longest: float = 300.0
    quiet: float = 30.0
    patience: float = 90.0


TELL_SECONDS = 60.0
CLEAN_SHARE = 0.02
"""A batch is clean when no more than this share of its requests was refused."""
Ask = Callable[[], Plan | None]


class PullShift:
    """The pulling half of a run."""

    def __init__(self, puller: Puller, plans: Plans, feeds: Holds, clock: Clock, dag_id: str, run_id: str) -> None:
        self._puller, self._plans, self._feeds, self._clock = puller, plans, feeds, clock
        self._module, self._dag_id, self._run_id = puller.module, dag_id, run_id
        self._gap = Gap(puller.module, puller.client, plans)
        self._last_answer = self._told = clock.monotonic()
        self._gap_left, self._degraded = True, False
        self._aside = SetAside(puller.feed, plans.redrives)

    def run(self, limits: Limits) -> dict[str, int]:
        """Pull until the shift is over, or do a cleared run's plans again; returns counts for the task's XCom."""
        if self._feeds.shift_ended(self._module.name, self._run_id) is not None:
            counts = self._again(limits)
        elif (degraded := self._feeds.degradation.current(self._module.name)) is not None:
            counts = self._batch(limits, degraded)
        else:
            counts = self._shift(limits)
        self._tell(every=0.0)
        self._feeds.end_shift(self._module.name, self._run_id)
        return counts

    def _again(self, limits: Limits) -> dict[str, int]:
        done, carried = set[str](), 0
        log.info("本次运行已正常结束过：清除后只重做它的 %d 个计划，不影响实时进度", len(self._left(done)))
        while left := self._left(done):
            with self._bearing(limits):
                receipt = self._puller.pull(left[0], again=True)
                if receipt is None:
                    continue  # cut in two: both halves are among the run's plans now
                done.add(receipt.plan_id)
                carried += receipt.carried
                log.info("重做 %d/%d 完成", len(done), len(done) + len(left) - 1)
        return {"plans": len(done), "carried": carried}

    def _left(self, done: set[str]) -> list[Plan]:
        """The run's plans not yet done again; what watch proved without pulling stays as it is."""
        plans = self._plans.of_run(self._module.name, self._dag_id, self._run_id)
        return [
            plan for plan in plans if plan.plan_id not in done and not (plan.state == "proven" and not plan.attempt)
        ]

    def _shift(self, limits: Limits) -> dict[str, int]:
        clock, plans, carried = self._clock, 0, 0
        pace = self._puller.feed.pace_of(self._plans.recent(self._module.name))
        started = last_news = clock.monotonic()
        while (
            not self._degraded
            and clock.monotonic() - started < limits.longest
            and clock.monotonic() - last_news < limits.quiet
        ):
            turn = clock.monotonic()
            self._tell()
            with self._bearing(limits, self._steps_down):
                plan = self._next("live", self._puller.feed.live_end(calm=pace.calm))
                receipt = self._pull(plan) if plan else None
                plans += receipt is not None
                if receipt and receipt.carried:
                    carried += receipt.carried
                    last_news = clock.monotonic()
                spent = clock.monotonic() - turn
                if plan and receipt:
                    covered = (plan.window.end - plan.since).total_seconds()
                    pace.learn(receipt.carried, receipt.requests, spent, None if receipt.more else covered)
                if plan is None or (receipt is not None and not receipt.more):
                    if (found := self._work_gap(turn + pace.seconds)) is not None:
                        plans, carried, last_news = plans + 1, carried + found, clock.monotonic()
                    clock.sleep(turn + pace.seconds - clock.monotonic())
        log.info("本班结束：%d 个计划，%d 条新记录", plans, carried)
        return {"plans": plans, "carried": carried}

    def _pull(self, plan: Plan) -> Receipt | None:
        """None: it was cut in two, or set aside because it alone fails; the feed goes on."""
        try:
            return self._puller.pull(plan)
        except Retry as trouble:
            if not self._aside.takes(plan, trouble):
                raise
            return None

    def _work_gap(self, until: float) -> int | None:
        """Pull parts of a gap until the next look is due; returns how many records, None when there is no gap."""
        carried = None
        while self._gap_left and self._clock.monotonic() < until:
            plan = self._plans.next_planned(self._module.name, "gap")
            if plan is None:
                self._gap_left = False
                break
            receipt = self._pull(plan)
            carried = (carried or 0) + (receipt.carried if receipt else 0)
        return carried

    def _steps_down(self) -> bool:
        """Whether refusals have become a storm: then this shift ends, and the feed pulls a batch every five minutes."""
        if reason := self._puller.client.storm(self._module):
            log.warning("%s 的实时流%s", self._module.title, self._feeds.degradation.begin(self._module.name, reason))
            self._degraded = True
        return self._degraded

    def _batch(self, limits: Limits, degraded: Degraded) -> dict[str, int]:
        """Degraded: one batch up to the source's present. What stays refused is kept for the next one."""
        log.warning("%s 的实时流%s", self._module.title, degraded)
        began, spending = self._clock.monotonic(), self._puller.client.spending
        requests, refused, whole = spending.requests, spending.refused, True
        counts = {"plans": 0, "carried": 0}
        try:
            target = self._puller.feed.closed_end()
            counts = self._work_off(limits, lambda: self._of_batch(target, began + limits.longest))
        except Refused as refusal:
            log.warning("%s 本批到此为止，计划保留到下一批", refusal)
            whole = False
        clean = whole and spending.refused - refused <= CLEAN_SHARE * (spending.requests - requests)
        after = self._feeds.degradation.batch(degraded, self._clock.monotonic() - began, clean=clean)
        log.warning("%s 的实时流%s", self._module.title, after or "恢复为实时：连续三批几乎没有被拒")
        return counts

    def _of_batch(self, target: datetime, give_up: float) -> Plan | None:
        if self._clock.monotonic() > give_up:
            return None
        plan = self._next("live", target, widest=timedelta(seconds=2 * BATCH_SECONDS))
        return plan or self._plans.next_planned(self._module.name, "gap")

    def _tell(self, *, every: float = TELL_SECONDS) -> None:
        """Say what was asked of the source and how long that waited, once a minute and at the end."""
        if self._clock.monotonic() - self._told >= every:
            self._told = self._clock.monotonic()
            log.info("%s", self._puller.client.spent(self._module))
            if self._gap_left and (gap := self._plans.gap(self._module.name)):
                log.info("%s", gap)

    @contextmanager
    def _bearing(self, limits: Limits, gives_up: Callable[[], bool] | None = None) -> Iterator[None]:
        """Bear passing trouble for a while: the plan is kept and its turn comes again. With ``gives_up`` refusals are
        no error: it ends the bearing when they have become a storm, which may take longer than our patience."""
        try:
            yield
        except Retry as trouble:
            if gives_up is not None and isinstance(trouble, Refused):
                if gives_up():
                    return
            elif max(self._clock.monotonic() - self._last_answer, trouble.after) > limits.patience:
                raise
            log.warning("%s 计划保留，稍后重试", trouble)
            self._clock.sleep(max(trouble.after, self._puller.feed.pace))
        else:
            self._last_answer = self._clock.monotonic()

    def catch_up(self, limits: Limits) -> dict[str, int]:
        """Pull everything up to the source's present and stop: for feeds that run by the clock."""
        target = self._puller.feed.closed_end()
        counts = self._work_off(limits, lambda: self._next("refresh", target))
        self._tell(every=0.0)
        return counts

    def work_off(self, limits: Limits, origin: str, tell: Callable[[], None] | None = None) -> dict[str, int]:
        """Pull this DAG's plans of ``origin`` that stand written down until none is left; ``tell`` is called after
        each. Plans to be re-driven are everybody's: one that was set aside keeps the DAG that wrote it down."""
        name, dag_id = self._module.name, "" if origin == REDRIVE else self._dag_id
        counts = self._work_off(limits, lambda: self._plans.next_planned(name, origin, dag_id), tell)
        self._tell(every=0.0)
        return counts

    def pull_all(
        self, limits: Limits, left: Callable[[], Sequence[Plan]], tell: Callable[[], None] | None = None
    ) -> dict[str, int]:
        """Pull the first plan of ``left``, with every row, until it is empty: a plan that is pulled has to leave it."""

        def pull(plan: Plan) -> Receipt | None:
            return self._puller.pull(plan, again=True)  # never set aside: whoever asked for it answers for it

        counts = self._work_off(limits, lambda: next(iter(left()), None), tell, pull)
        self._tell(every=0.0)
        return counts

    def _work_off(
        self, limits: Limits, ask: Ask, tell: Callable[[], None] | None = None,
        pull: Callable[[Plan], Receipt | None] | None = None,
    ) -> dict[str, int]:  # fmt: skip
        plans = carried = 0
        while (plan := ask()) is not None:
            with self._bearing(limits):
                receipt = (pull or self._pull)(plan)
                plans += receipt is not None
                carried += receipt.carried if receipt else 0
                if tell is not None:
                    tell()
                self._tell()
        return {"plans": plans, "carried": carried}

    def _next(self, origin: str, end: datetime | None = None, widest: timedelta = WIDEST) -> Plan | None:
        """A plan that stands written down, else a new one up to ``end`` or the source's present; a live one leaves a
        gap ``widest`` than that to be worked off later."""
        plan = self._plans.next_planned(self._module.name, origin)
        ahead = None if plan else self._puller.feed.ahead(end)
        if ahead is None:
            return plan
        present = end or self._puller.feed.closed_end()
        if origin == "live" and self._gap.leap(ahead, present, self._dag_id, self._run_id, widest=widest):
            self._gap_left = True
            return self._next(origin, end, widest)
        return self._plans.add(
            self._module.name, origin, self._dag_id, self._run_id, ahead.window, ahead.since, cursor=ahead.cursor
        )


class LoadShift:
    """The loading half of a run: loads whatever lies in Kafka until the run's pull has ended."""

    def __init__(self, loader: Loader, feeds: Holds, clock: Clock, run_id: str) -> None:
        self._loader, self._feeds, self._clock, self._run_id = loader, feeds, clock, run_id

    def run(self, pull_is_running: Callable[[], bool], *, ask_every: float = 5.0, pace: float = 0.2) -> dict[str, int]:
        """``pull_is_running`` asks Airflow, because a killed pull writes nothing; it is asked every few seconds."""
        started, module = self._clock.now(), self._loader.module.name
        asked, rows = self._clock.monotonic(), 0
        over = False
        while True:
            loaded = self._loader.load_waiting()
            rows += loaded
            if loaded:
                continue
            if over:
                log.info("本班装载结束：%d 条记录", rows)
                return {"rows": rows}
            self._clock.sleep(pace)
            # "Ended" counts only when it was written after this task began: an older word is from before a clear.
            ended = self._feeds.shift_ended(module, self._run_id)
            over = ended is not None and ended > started
            if not over and self._clock.monotonic() - asked > ask_every:
                asked = self._clock.monotonic()
                over = not pull_is_running()
