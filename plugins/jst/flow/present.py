"""What time it is at the source, and which of its seconds are closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from jst.clock import Clock
from jst.erp.client import Client
from jst.flow.window import Window, floor_second
from jst.spec import Module


class Present:
    """The source's clock as its Date headers tell it: never ahead of the truth, for they are cut to the second."""

    def __init__(self, module: Module, client: Client, clock: Clock) -> None:
        self._module, self._client, self._clock = module, client, clock
        self._known: tuple[datetime, float] | None = None

    def heard(self, server_time: datetime | None) -> None:
        if server_time is not None:
            self._known = server_time, self._clock.monotonic()

    def closed_end(self) -> datetime:
        """The newest second no row can still come into (but late commits). The first call costs one request."""
        if self._known is None:
            self._ask()
        heard, at = self._known or (self._clock.now(), self._clock.monotonic())
        now = heard + timedelta(seconds=self._clock.monotonic() - at)
        return floor_second(now) - timedelta(seconds=self._module.settle_seconds)

    def _ask(self) -> None:
        second = floor_second(self._clock.now()) - timedelta(seconds=10)
        self.heard(self._client.page(self._module, Window(second, second), 1, origin="live").server_time)
