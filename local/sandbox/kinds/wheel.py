"""Weighted choices, made ready once: ``random.choices`` adds up its weights at every call."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Wheel(Generic[T]):
    """``values`` with the ``weights`` they come up by."""

    def __init__(self, values: Sequence[T], weights: Iterable[float]) -> None:
        self._values, self._sums = values, list(accumulate(weights))

    def turn(self, rng: random.Random) -> T:
        return self._values[bisect(self._sums, rng.random() * self._sums[-1])]
