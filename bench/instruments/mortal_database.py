"""A process that may die at any of its transactions."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import psycopg2

from jst.control.database import Cursor, Database

T = TypeVar("T")
FATES = ("before", "within", "after", "lost")


class Killed(BaseException):
    """The process is gone."""


class MortalDatabase(Database):
    """Kills its process now and then: before a transaction, within it, after its commit; or loses the answer to a
    commit. ``chance`` None: never. ``died``: (number of the transaction since ``begin``, how) → how often."""

    def __init__(self, dsn: str, share: float) -> None:
        """``share`` of the transactions at which it happens."""
        super().__init__(dsn)
        self._share = share
        self.chance: random.Random | None = None
        self.died: Counter[tuple[int, str]] = Counter()
        self._done = 0

    def begin(self, chance: random.Random | None) -> None:
        """Begin a round; ``chance`` decides whether and how it dies."""
        self.chance, self._done = chance, 0

    def _once(self, work: Callable[[Cursor], T]) -> T:
        fate = self.chance.choice(FATES) if self.chance and self.chance.random() < self._share else ""
        self._done += 1
        if fate:
            self.died[self._done, fate] += 1

        def within(cur: Cursor) -> T:
            answer = work(cur)
            if fate == "within":
                raise Killed
            return answer

        try:
            if fate == "before":
                raise Killed
            answer = super()._once(within)
            if fate == "after":
                raise Killed
        except Killed:
            self.close()  # the session goes with the process, and its locks with it
            raise
        if fate == "lost":
            self.close()
            raise psycopg2.OperationalError("the answer is lost")
        return answer
