"""Where the values of a measurement lie."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; NaN without values."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else float("nan")


def share_above(values: Sequence[float], limit: float) -> float:
    """0 to 1; 0 without values."""
    return sum(value > limit for value in values) / len(values) if values else 0.0
