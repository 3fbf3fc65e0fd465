"""Looking whether there is something new: the cheap part of a feed, day and night."""

from __future__ import annotations

from datetime import timedelta

from jst.clock import Clock
from jst.control.feeds import Feeds
from jst.control.plans import Plans
from jst.erp.client import Client
from jst.flow.present import Present
from jst.flow.window import live_window, source_text
from jst.spec import Module


class Watch:
    """Looks at one module of the source for one run."""

    def __init__(
        self, module: Module, client: Client, plans: Plans, feeds: Feeds, clock: Clock, dag_id: str, run_id: str
    ) -> None:
        self._module, self._client, self._plans, self._feeds = module, client, plans, feeds
        self._present = Present(module, client, clock)
        self._dag_id, self._run_id = dag_id, run_id

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
        end = self._present.closed_end()
        since = self._plans.start(name, end)
        if end <= since:
            return ""
        window = live_window(self._module, since, end)
        page = self._client.page(self._module, window, 1, origin="live")
        believed = self._present.heard(page.server_time)
        # A shift ends after more silence than the overlap is long: whatever lies there came late.
        if page.rows or page.has_next or page.total:
            return f"{source_text(window.start)} 之后源端有变更"
        if window.end <= believed - timedelta(seconds=self._module.settle_seconds):
            self._plans.quiet(name, self._dag_id, self._run_id, window.end)
        return ""
