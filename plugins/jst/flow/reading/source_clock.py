"""What time it is at the source, and which of its seconds are closed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from jst.clock import Clock
from jst.erp.client import Client
from jst.model.module import Module
from jst.model.window import Window, floor_second

log = logging.getLogger(__name__)
TOLERANCE = timedelta(seconds=60)


class SourceClock:
    """The source's clock as its Date headers state it: never fast, because they are cut to the second."""

    def __init__(self, module: Module, client: Client, clock: Clock) -> None:
        self._module, self._client, self._clock = module, client, clock
        self._known: tuple[datetime, float] | None = None
        self._warned = False

    def note_server_time(self, server_time: datetime | None) -> datetime:
        """Take note of an answer's Date; returns the time to trust.

        Without a Date, or with one far ahead of our clock (one node of the source is wrong), it is our own time less a
        minute: a window that ended in the future would be called proven before its rows exist.
        """
        own = self._clock.now()
        if server_time is None or server_time > own + TOLERANCE:
            if not self._warned:
                log.warning("源端应答的 Date %s 不可信（本机 %s），改用本机时钟减 60 秒", server_time or "缺失", own)
            self._warned, server_time = True, own - TOLERANCE
        self._known = server_time, self._clock.monotonic()
        return server_time

    def closed_end(self) -> datetime:
        """Return the newest second no row can still come into (but late commits). The first call costs one request."""
        if self._known is None:
            self._request_time()
        server_time, noted_at = self._known or (self._clock.now(), self._clock.monotonic())
        now = server_time + timedelta(seconds=self._clock.monotonic() - noted_at)
        return floor_second(now) - timedelta(seconds=self._module.settle_seconds)

    def _request_time(self) -> None:
        second = floor_second(self._clock.now()) - timedelta(seconds=10)
        self.note_server_time(self._client.page(self._module, Window(second, second), 1, origin="live").server_time)
