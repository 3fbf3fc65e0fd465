"""Looking whether there is something new: the cheap part of a feed, day and night."""

from __future__ import annotations

from jst.clock import Clock
from jst.control.feeds import Feeds
from jst.control.plans import Plans
from jst.erp.client import Client
from jst.flow.feed import Ahead, Feed
from jst.flow.window import source_text
from jst.spec import Module


class Watch:
    """Looks at one module of the source for one run."""

    def __init__(
        self, module: Module, client: Client, plans: Plans, feeds: Feeds, clock: Clock, dag_id: str, run_id: str
    ) -> None:
        self._module, self._client, self._plans, self._feeds = module, client, plans, feeds
        self._feed = Feed(module, client, plans, clock)
        self._dag_id, self._run_id = dag_id, run_id

    @property
    def pace(self) -> float:
        """Seconds between two looks."""
        return self._feed.pace

    def held_back(self) -> tuple[str, float] | None:
        """Why this run must not start yet and for how many seconds; None when it may."""
        held = self._feeds.hold(self._module.name, self._run_id)
        if held is None:
            return None
        hold, seconds = held
        return f"上一班失败，保持到 {hold.until:%H:%M:%S} 再试：{hold.reason}", seconds

    def news(self) -> str:
        """Why a shift should start now, in Chinese; empty when all is quiet.

        A quiet window is recorded as proven, so that the complete watermark moves at night too. Raises what the client
        raises.
        """
        name = self._module.name
        if self._plans.unfinished(name):
            return "有未完成的计划，接着做"
        ahead = self._feed.ahead()
        if ahead is None:
            return ""
        if self._has_changes(ahead):
            return f"{source_text(ahead.since)} 之后源端有变更"
        if ahead.window.end <= self._feed.present.closed_end():
            self._plans.watermarks.quiet(name, self._dag_id, self._run_id, ahead.window.end)
        return ""

    def _has_changes(self, ahead: Ahead) -> bool:
        """A shift that ended in silence has read its tail again; one that ended by the clock has not yet."""
        if ahead.cursor is not None:
            highest = self._plans.watermarks.highest(self._module.name)
            return ahead.cursor != highest or self._feed.news_beyond(highest)
        page = self._client.page(self._module, ahead.window, 1, origin="live")
        self._feed.present.heard(page.server_time)
        return bool(page.rows or page.has_next or page.total)
