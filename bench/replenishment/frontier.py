"""What a rule loses at a stock, and what stock it needs to lose no more, between the points that were run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.replenishment.simulation import Result

_SMALLEST = 1e-5


class Frontier:
    """Points of one rule at several strictnesses. Outside of them nothing is guessed: the nearest point counts."""

    def __init__(self, points: Sequence[Result]) -> None:
        self._points = sorted((point.stock, math.log(max(point.lost, _SMALLEST)), point.orders) for point in points)

    def lost_at(self, stock: float) -> float:
        """Return the share that is lost with this stock."""
        return math.exp(_between([(at, lost) for at, lost, _ in self._points], stock))

    def stock_at(self, lost: float) -> float:
        """Return the stock with which this share is lost."""
        return _between([(lost, at) for at, lost, _ in reversed(self._points)], math.log(max(lost, _SMALLEST)))

    def orders_at(self, stock: float) -> float:
        """Return the purchases in a day with this stock."""
        return _between([(at, orders) for at, _, orders in self._points], stock)


def _between(points: Sequence[tuple[float, float]], at: float) -> float:
    before = [point for point in points if point[0] <= at]
    after = [point for point in points if point[0] > at]
    if not before or not after:
        return (before[-1] if before else after[0])[1]
    (low, from_), (high, to) = before[-1], after[0]
    return from_ + (to - from_) * (at - low) / (high - low)
