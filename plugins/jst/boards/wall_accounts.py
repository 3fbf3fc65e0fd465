"""Which account looks without a login: a wall display as one of access.yaml's walls, and the browser that takes
pictures as the account of its ticket."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from jst.access.spec import WALL_PREFIX
from jst.clock import Clock
from jst.control.database import Database, SharedDatabase
from jst.control.viewer_tickets import ViewerTickets
from jst.control.wall_links import WallLinks

COOKIE = "jst_wall"
"""Carries the key of a link or a ticket, to the boards alone."""
KEPT_SECONDS = 5.0
MOST_KEPT = 200
T = TypeVar("T")


class WallAccounts:
    """Answers for a key at most five seconds old, so that a revoked link is dark within six. Threads may share
    it."""

    def __init__(self, dsn: Callable[[], str], clock: Clock) -> None:
        self._database, self._clock = SharedDatabase(dsn), clock
        self._kept: OrderedDict[str, tuple[float, str | None]] = OrderedDict()

    def account(self, key: str) -> str | None:
        """Return as whom ``key`` opens the boards, None when it opens nothing. Raises Retry when the control database
        is away."""
        asked, account = self._kept.get(key, (0.0, None))
        if key in self._kept and self._clock.monotonic() - asked < KEPT_SECONDS:
            return account
        account = self._database(lambda database: _account_of(key, database))
        self._kept.pop(key, None)
        self._kept[key] = (self._clock.monotonic(), account)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return account

    def links(self, work: Callable[[WallLinks], T]) -> T:
        """Do something with the links. Raises Retry when the control database is away."""
        return self._database(lambda database: work(WallLinks(database)))


def _account_of(key: str, database: Database) -> str | None:
    wall = WallLinks(database).wall_of(key)
    return ViewerTickets(database).account_of(key) if wall is None else f"{WALL_PREFIX}{wall}"
