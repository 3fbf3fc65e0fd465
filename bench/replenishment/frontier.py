"""What a rule loses at a stock, and what stock it needs to lose no more, between the points that were run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.replenishment.simulation import Result

_SMALLEST = 1e-5


class Frontier:
    """Points of one rule at several strictnesses. Outside of them nothing is guessed: the nearest point counts."""

    def __init__(self, points: Sequence[Result]) -> None:
        self._points = sorted(points, key=lambda point: point.stock)
        self._lost = [math.log(max(point.lost, _SMALLEST)) for point in self._points]
        self._stock = [point.stock for point in self._points]

    def with_stock(self, stock: float) -> Result:
        """Return what comes of the rule with this stock."""
        return self._between(self._stock, stock)

    def losing(self, lost: float) -> Result:
        """Return what comes of the rule where it loses this share."""
        return self._between([-each for each in self._lost], -math.log(max(lost, _SMALLEST)))

    def _between(self, places: Sequence[float], at: float) -> Result:
        """Interpolate at ``at``; ``places``: of the points, rising."""
        after = next((place for place, each in enumerate(places) if each > at), len(places))
        high = min(max(after, 1), len(places) - 1)
        span = places[high] - places[high - 1]
        part = min(1.0, max(0.0, (at - places[high - 1]) / span)) if span else 0.0

        def mixed(values: Sequence[float]) -> float:
            return values[high - 1] + (values[high] - values[high - 1]) * part

        points = self._points
        return Result(
            math.exp(mixed(self._lost)),
            mixed(self._stock),
            mixed([point.orders for point in points]),
            mixed([point.moves for point in points]),
        )
