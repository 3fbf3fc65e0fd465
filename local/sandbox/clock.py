"""The shop's clock: the machine's, moved forward when a test asks for it."""

from __future__ import annotations

import time

from local.sandbox.store import Store

_NAME = "clock_moved_ms"


class ShopClock:
    """Everything of one sandbox reads the time from it: stamps, Date, tokens, quotas, late commits.

    How far it was moved is kept in the store: a shop that went back in time after a restart would write a
    ``modified`` older than what has been read already.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def moved(self) -> float:
        """Seconds ahead of the machine's clock."""
        return self._store.recall(_NAME) / 1000

    def time(self) -> float:
        """Return Unix seconds."""
        return time.time() + self.moved

    def monotonic(self) -> float:
        """Return seconds for spans within one process: a moved clock ends spans earlier, too."""
        return time.monotonic() + self.moved

    def move(self, seconds: float) -> None:
        """Move forward by ``seconds``, to the millisecond."""
        with self._store.transaction():
            self._store.remember(_NAME, self._store.recall(_NAME) + round(seconds * 1000))
