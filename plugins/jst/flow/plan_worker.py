"""Pulling the plans that are written down, of whatever origin, with patience for trouble that passes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from jst.clock import Clock
from jst.control.plans import Plans
from jst.control.troubles import PATIENCE_SECONDS, TaskTrouble
from jst.errors import Refused, Retry
from jst.flow.attempt import REDRIVE
from jst.flow.feed import Feed, NextRead
from jst.flow.pull import Puller
from jst.flow.set_aside import SetAside
from jst.model.plan import Plan, Receipt
from jst.model.words import Origin

log = logging.getLogger(__name__)
LOG_EVERY_SECONDS = 60.0


class PlanWorker:
    """Pulls plans of one module for one run of one DAG: first load, dimensions, backfill, re-drive and live feeds.

    Every method that pulls raises what the client raises once its trouble has lasted longer than the patience.
    ``gap_left``: the module may have plans of a gap, and the log says how far they are. ``trouble``: where a feed of
    many runs keeps since when it fails; without it the patience begins anew with each run.
    """

    def __init__(
        self, puller: Puller, plans: Plans, clock: Clock, dag_id: str, run_id: str, trouble: TaskTrouble | None = None
    ) -> None:
        self.puller, self.module, self.dag_id, self.run_id = puller, puller.module, dag_id, run_id
        self.feed = Feed(puller.module, puller.client, plans, puller.source_clock, clock, puller.warehouses)
        self.gap_left = True
        self._plans, self._clock, self._trouble = plans, clock, trouble
        self._set_aside = SetAside(self.feed, plans.redrives)
        self._last_answer = self._last_log = clock.monotonic()

    def ensure_begun(self) -> None:
        """On an empty control database, write down where live reading begins and the plans of the first load."""
        self.feed.warehouses.begin()
        self.feed.read_mark(self.feed.closed_end())
        self._last_answer = self._last_log = self._clock.monotonic()

    def work_off(
        self,
        origin: Origin,
        after_each: Callable[[], None] | None = None,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> dict[str, int]:
        """Pull this DAG's planned plans of ``origin`` until none is left; returns how many, and the records carried.

        ``after_each`` is called after each plan. Plans to be re-driven are worked off whichever DAG wrote them down:
        one that was set aside keeps the id of its own DAG.
        """
        name, dag_id = self.module.name, "" if origin == REDRIVE else self.dag_id
        counts = self.pull_while(
            lambda: self._plans.next_planned(name, origin, dag_id), after_each, patience_seconds=patience_seconds
        )
        self.log_progress(every_seconds=0.0)
        return counts

    def pull_all(
        self, left: Callable[[], Sequence[Plan]], after_each: Callable[[], None] | None = None,
        *, patience_seconds: float = PATIENCE_SECONDS,
    ) -> dict[str, int]:  # fmt: skip
        """Pull the first plan of ``left``, with every row, until it is empty: a plan that is pulled has to leave it.

        No plan is set aside: the run that wants these plans must read them all or fail.
        """
        counts = self.pull_while(
            lambda: next(iter(left()), None), after_each,
            pull=lambda plan: self.puller.pull(plan, again=True), patience_seconds=patience_seconds,
        )  # fmt: skip
        self.log_progress(every_seconds=0.0)
        return counts

    def catch_up(self) -> dict[str, int]:
        """Pull everything up to the source's present and stop: for feeds that run by the clock."""
        self.feed.warehouses.begin()
        target = self.feed.closed_end()
        counts = self.pull_while(lambda: self._next_up_to(target))
        self.log_progress(every_seconds=0.0)
        return counts

    def pull_while(
        self, next_plan: Callable[[], Plan | None], after_each: Callable[[], None] | None = None,
        pull: Callable[[Plan], Receipt | None] | None = None, *, patience_seconds: float = PATIENCE_SECONDS,
    ) -> dict[str, int]:  # fmt: skip
        """Pull what ``next_plan`` gives until it gives None; returns how many plans, and the records carried."""
        plans = carried = 0
        while (plan := next_plan()) is not None:
            with self.bear_trouble(patience_seconds):
                receipt = (pull or self.pull_or_set_aside)(plan)
                plans += receipt is not None
                carried += receipt.carried if receipt else 0
                if after_each is not None:
                    after_each()
                self.log_progress()
        return {"plans": plans, "carried": carried}

    def pull_or_set_aside(self, plan: Plan) -> Receipt | None:
        """Pull a plan to its receipt. None: it was cut in two, or set aside because it alone fails."""
        try:
            receipt = self.puller.pull(plan)
        except Retry as trouble:
            if not self._set_aside.try_to_set_aside(plan, trouble):
                raise
            receipt = None
        if self._trouble is not None:
            self._trouble.over()
        return receipt

    def write_down(self, origin: Origin, ahead: NextRead) -> Plan:
        """Make what is to be read next a plan of this run."""
        name = self.module.name
        return self._plans.add(name, origin, self.dag_id, self.run_id, ahead.window, ahead.since, cursor=ahead.cursor)

    @contextmanager
    def bear_trouble(self, patience_seconds: float, gives_up: Callable[[], bool] | None = None) -> Iterator[None]:
        """Bear passing trouble for a while: the plan is kept and its turn comes again. With ``gives_up`` refusals are
        no error: it ends the waiting when they have become a storm, which may take longer than the patience."""
        try:
            yield
        except Retry as trouble:
            lasting = self._clock.monotonic() - self._last_answer
            if self._trouble is not None:  # its age is what the ledger shows: both turn red at one moment
                lasting = self._trouble.note(trouble, lasting)
            if gives_up is not None and isinstance(trouble, Refused):
                if gives_up():
                    return
            elif max(lasting, trouble.after) > patience_seconds:
                raise
            log.warning("%s；计划保留，稍后重试", trouble)
            self._clock.sleep(max(trouble.after, self.feed.pace))
        else:
            self._last_answer = self._clock.monotonic()

    def log_progress(self, *, every_seconds: float = LOG_EVERY_SECONDS) -> None:
        """Log what was asked of the source and how long that waited, and how far a gap is, unless it was done less
        than ``every_seconds`` ago."""
        if self._clock.monotonic() - self._last_log >= every_seconds:
            self._last_log = self._clock.monotonic()
            log.info("%s", self.puller.client.describe_spending(self.module))
            if self.gap_left and (gap := self._plans.gap(self.module.name)):
                log.info("%s", gap)

    def _next_up_to(self, target: datetime) -> Plan | None:
        """Return a refresh plan that is written down, else a new one up to ``target``; None when all of it is read."""
        plan = self._plans.next_planned(self.module.name, "refresh")
        ahead = None if plan else self.feed.next_read(target)
        return plan if ahead is None else self.write_down("refresh", ahead)
