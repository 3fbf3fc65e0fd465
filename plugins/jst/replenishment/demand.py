"""What a SKU will sell in a warehouse: from days on which it could be sold, by a method that suits how it sells.

How it sells is classified by ADI (days on sale per day with a sale) and CV² (how the quantities of these days differ),
as Syntetos and Boylan do. Days long ago count less; a promo day counts as many ordinary days as its factor says. Why
these methods: docs/decisions/0074-what-a-replenishment-plan-proposes.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from jst.replenishment.terms import SkuHistory

Floats = npt.NDArray[np.float64]
Pattern = Literal["平稳", "波动", "间歇", "零散", "无动销"]
SPARSE_ADI, UNEVEN_CV2 = 1.32, 0.49
HALF_LIFE_DAYS = 60.0
LARGEST_LINE = 64
"""Pieces; a larger line counts as one of these, so that the distribution of sizes stays small."""
_NORMAL = NormalDist()
_ERF = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True, slots=True)
class Seen:
    """What the history of a SKU in a warehouse says. ``days``: ordinary days on sale, long ago counting less; ``sold``
    pieces and ``lines`` of these; ``sizes``: how often a line of n pieces was seen; ``variance``: of an ordinary day's
    pieces; ``on_sale`` and ``of_days``: days as they stand in the calendar."""

    pattern: Pattern
    days: float
    sold: float
    lines: float
    returned: float
    variance: float
    sizes: Floats
    on_sale: float
    of_days: int


def look(history: SkuHistory, weights: Floats) -> Seen:
    """Sum a history up. ``weights``: ordinary days that each of its days is worth (1.0 on average, 4.0 on a promo
    day)."""
    sold, lines = np.asarray(history.sold, np.float64), np.asarray(history.lines, np.float64)
    in_stock = np.asarray(history.in_stock, np.float64)
    kept = 0.5 ** (np.arange(len(sold))[::-1] / HALF_LIFE_DAYS)
    exposed = in_stock * weights
    days, pieces = float(exposed @ kept), float(sold @ kept)
    # a line's size is known where it was the day's only one
    sizes = np.bincount(np.clip(sold[lines == 1], 1, LARGEST_LINE).astype(np.int64), minlength=LARGEST_LINE + 1)
    return Seen(
        pattern=_pattern(sold, in_stock),
        days=days,
        sold=pieces,
        lines=float(lines @ kept),
        returned=float(np.asarray(history.returned, np.float64) @ kept),
        variance=_variance(sold, exposed, kept * (in_stock >= 1), pieces / days) if days else 0.0,
        sizes=sizes.astype(np.float64),
        on_sale=float(in_stock.sum()),
        of_days=len(sold),
    )


def _pattern(sold: Floats, in_stock: Floats) -> Pattern:
    positive = sold[sold > 0]
    if not len(positive):
        return "无动销"
    adi = max(1.0, float(in_stock.sum()) / len(positive))
    cv2 = float(positive.var()) / float(positive.mean()) ** 2
    if adi < SPARSE_ADI:
        return "平稳" if cv2 < UNEVEN_CV2 else "波动"
    return "间歇" if cv2 < UNEVEN_CV2 else "零散"


def _variance(sold: Floats, exposed: Floats, kept: Floats, daily: float) -> float:
    """Measure how an ordinary day's quantity scatters; full days only: of others part of the scatter is their stock."""
    freedom = float((kept > 0).sum()) - 1
    if freedom < 1:
        return daily
    apart = (sold - daily * exposed) ** 2 / np.maximum(exposed, 0.1)
    return float(apart @ kept / kept.sum()) * (freedom + 1) / freedom


@dataclass(frozen=True, slots=True)
class Demand:
    """What is expected of a SKU in a warehouse, what comes back taken off. ``daily``: pieces on an ordinary day; the
    other fields are what it rests on: ``lines`` in ``days`` ordinary days, a line's ``sizes`` (chance of n pieces), a
    day's ``variance``; ``basis`` says it in words."""

    pattern: Pattern
    daily: float
    days: float
    lines: float
    variance: float
    sizes: Floats
    basis: str

    def enough_for(self, spans: Sequence[float], level: float) -> int:
        """Return the least number of pieces that suffices with a chance of ``level``. ``spans``: ordinary days to last
        for; each is as likely as the others."""
        if self.daily <= 0 or not max(spans, default=0.0):
            return 0
        if self.pattern in ("平稳", "波动"):
            return self._of_a_steady_seller(spans, level)
        return self._of_a_sparse_seller(spans, level)

    def _of_a_steady_seller(self, spans: Sequence[float], level: float) -> int:
        """Use a gamma distribution by two moments: days scatter, and their level is not known exactly."""
        span = np.asarray([span for span in spans if span > 0])
        mean = self.daily * span
        variance = np.maximum(mean, span * self.variance + span**2 * self.variance / self.days)
        shape = mean**2 / variance

        def reached(pieces: float) -> float:
            # Wilson and Hilferty: the cube root of a gamma variable is nearly normal
            root = (np.cbrt((pieces + 0.5) / mean) - (1 - 1 / (9 * shape))) * 3 * np.sqrt(shape)
            return float((_ERF(root / math.sqrt(2)) / 2 + 0.5).mean())

        most = math.ceil(float((mean + 6 * np.sqrt(variance)).max())) + 1
        return _least(most, lambda pieces: reached(pieces) >= level)

    def _of_a_sparse_seller(self, spans: Sequence[float], level: float) -> int:
        """Say what a bootstrap of lines would, without dice: lines come at a rate that is known as well as so many
        lines in so many days allow (gamma), each of a size as they were seen."""
        mean_size = float(self.sizes @ np.arange(len(self.sizes)))
        longest = self.lines / self.days * max(spans)
        second = float(self.sizes @ np.arange(len(self.sizes)) ** 2)
        spread = math.sqrt(second * longest + (mean_size * longest) ** 2 / self.lines)
        size = 2 ** math.ceil(math.log2(mean_size * longest + 8 * spread + len(self.sizes)))
        one = np.fft.rfft(self.sizes, size)
        total = np.mean([(1 + span * (1 - one) / self.days) ** -self.lines for span in spans], axis=0)
        chances = np.cumsum(np.fft.irfft(total, size))
        return int(np.searchsorted(chances, level))


def _least(most: int, suffices: Callable[[int], bool]) -> int:
    """Return the least number up to ``most`` that suffices; all above it do."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle + 1, high)
    return low
