"""Clocks that keep step with a sandbox whose clock was moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from jst.clock import SystemClock

WORTH_SKIPPING = 0.03
"""Seconds below which waiting is quicker than telling shop and database that time has passed."""


class ShopClock(SystemClock):
    """The machine's time moved forward as far as the shop's: ``moved`` gives the seconds.

    The product calls a source whose Date runs ahead of its own clock wrong, so both move together.
    """

    def __init__(self, moved: Callable[[], float] = lambda: 0.0) -> None:
        self._moved = moved

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._moved())

    def monotonic(self) -> float:
        return super().monotonic() + self._moved()


class Impatient(ShopClock):
    """The same, but nobody waits between tries."""

    def sleep(self, seconds: float) -> None: ...


class Skipping(ShopClock):
    """The same, but sleeping moves the shop's clock instead of waiting: ``skip`` lets so many seconds pass.

    ``waits``: sleep as the product does, while something else goes on beside it."""

    def __init__(self, moved: Callable[[], float], skip: Callable[[float], object]) -> None:
        super().__init__(moved)
        self._skip, self.waits = skip, False

    def sleep(self, seconds: float) -> None:
        if self.waits or seconds < WORTH_SKIPPING:
            super().sleep(seconds)
        else:
            self._skip(seconds)
