"""Asking the source whether there is something new: the cheap part of a feed, day and night."""

from __future__ import annotations

from jst.clock import Clock
from jst.control.holds import Holds
from jst.control.plans import Plans
from jst.control.troubles import TaskTrouble
from jst.control.turns import Role
from jst.erp.client import Client
from jst.errors import Refused, Retry
from jst.flow.feed import Feed, NextRead
from jst.flow.reading.source_clock import SourceClock
from jst.flow.warehouses import Warehouses
from jst.model.module import Module
from jst.model.window import source_text

FAILURES_TO_HAND_OVER = 3


class Watch:
    """Decides for one run of one module whether a shift should start. ``trouble``: what is noted of its failures."""

    def __init__(
        self, module: Module, client: Client, plans: Plans, feeds: Holds, clock: Clock, dag_id: str, run_id: str
    ) -> None:
        self._module = module = client.as_read(module)
        self._client, self._plans, self._feeds = client, plans, feeds
        self._source_clock = SourceClock(module, client, clock)
        warehouses = Warehouses(module, client, plans.stock_kinds, clock)
        self._feed = Feed(module, client, plans, self._source_clock, clock, warehouses)
        self._dag_id, self._run_id = dag_id, run_id
        self._failures, self._batch_is_due = 0, False
        self.trouble = TaskTrouble(feeds.troubles, module.name, "pull", run_id)
        client.on_failed_try = self.trouble.note

    @property
    def pace(self) -> float:
        """Seconds between two looks at the source."""
        return self._feed.pace

    def role(self) -> Role:
        """Return what this run has to do: look at the source, relieve the run that reads, or wait for its turn."""
        return self._feeds.turns.claim(self._module.name, self._run_id)

    def held_back(self) -> tuple[str, float] | None:
        """Return why this run must not start yet, and for how many seconds; None when it may."""
        held = self._feeds.hold(self._module.name, self._run_id)
        if held is not None:
            hold, seconds = held
            return f"上一班失败，保持到 {hold.until:%H:%M:%S} 再试：{hold.reason}", seconds
        degraded = self._feeds.degradation.current(self._module.name)
        self._batch_is_due = degraded is not None and degraded.left <= 0
        return (str(degraded), degraded.left) if degraded is not None and degraded.left > 0 else None

    def reason_to_start(self, role: Role = "lead") -> str:
        """Return why a shift should start now, in Chinese; empty when nothing has changed, or in another ``role`` than
        to look at the source.

        A quiet window is recorded as proven, so that the complete watermark moves at night too. Raises what the client
        raises.
        """
        if role != "lead":
            return "上一班快到时间，准备好就接着读" if role == "relieve" else ""
        try:
            asked, reason = self._client.spending.requests, self._reason_to_start()
            if self._client.spending.requests > asked and self.trouble.over():
                self._feeds.lift(self._module.name, self._run_id)
                self._feeds.healthy(self._module.name)
            return reason
        except Refused:
            if reason := self._client.storm(self._module):
                self._feeds.degradation.step_down(self._module.name, reason)
            raise

    def _reason_to_start(self) -> str:
        name = self._module.name
        if self._batch_is_due:
            return "降级中，到了拉取下一批的时间"
        if self._plans.unfinished(name):
            return "有未完成的计划，接着做"
        self._feed.warehouses.begin()
        ahead = self._feed.next_read()
        if ahead is None:
            return ""
        try:
            changes = self._has_changes(ahead)
        except Retry as trouble:
            return self._reason_to_hand_over(trouble)
        self._failures = 0
        if changes:
            return f"{source_text(ahead.since)} 之后源端有变更"
        if ahead.window.end <= self._source_clock.closed_end():
            self._plans.watermarks.quiet(name, self._dag_id, self._run_id, ahead.window.end)
        return ""

    def _reason_to_hand_over(self, trouble: Retry) -> str:
        """Return why pull should try what watch cannot read: the source answers other requests. Else raise
        ``trouble``."""
        self._failures += not isinstance(trouble, Refused) and trouble.asked > 0
        if self._failures < FAILURES_TO_HAND_OVER or not self._feed.answers():
            raise trouble
        return f"源端答别的问题，唯独答不了最近的变更，交给 pull 处理：{trouble.what}"

    def _has_changes(self, ahead: NextRead) -> bool:
        """Say whether there are changes. A shift that ended in silence has read its tail again; one that ended by the
        clock has not yet."""
        if ahead.cursor is not None:
            highest = self._plans.watermarks.highest(self._module.name)
            return ahead.cursor != highest or self._feed.has_rows_beyond(highest)
        return self._feed.has_rows_in(ahead.window)
