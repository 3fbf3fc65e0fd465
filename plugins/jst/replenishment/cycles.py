"""For how many days each SKU is bought, so that as many purchases go with less stock.

Why: docs/decisions/0090-how-long-a-purchase-lasts.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

FARTHEST = 3.0
"""A purchase lasts at most so many times as long as was asked for, and at least that part of it."""
LONGEST_COVER = 90


def days_to_cover(paces: Sequence[float], asked: int) -> list[int]:
    """Return for how many days to buy of each SKU: few for what sells fast, many for what sells slowly, ``asked`` on
    average of purchases. ``paces``: pieces on an ordinary day."""
    roots = [math.sqrt(max(0.0, pace)) for pace in paces]
    usual = fmean(selling) if (selling := [root for root in roots if root]) else 0.0
    return [_days(usual / root if root else 1.0, asked) for root in roots]


def _days(times: float, asked: int) -> int:
    days = round(asked * min(FARTHEST, max(1 / FARTHEST, times)))
    return min(LONGEST_COVER, max(1, days))
