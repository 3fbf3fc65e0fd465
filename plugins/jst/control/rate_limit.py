"""Compute when the next request may be made: even spacing for several rates at once (GCRA). Pure; times are unix
seconds.

Each rate is used a little below the contract, because the source counts by its own clock and requests jitter on their
way. The unused rest of the contract is its spare time; a request may come a part of it before its even place, so in no
window of the contract are there ever more requests than the contract allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jst.erp.budget import Rate

SHORT_SHARE, LONG_SHARE = 0.92, 0.97
"""Share of the contract in use: of limits per second (or less), and of longer ones."""
LATENESS_SHARE = 0.1
"""Part of the spare time by which any request may be early, so that waking a little late costs no throughput."""
BURST_SHARE = 0.5
"""Part of a longer rate's spare time by which a reservation may be early: live finds room although others are busy."""
SLOWEST_PACE = 0.5


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The state of a bucket. ``not_before``: no request earlier; ``used``: until when even spacing has used up each
    rate, by its seconds; ``pace``: share of the rates in use."""

    not_before: float
    used: Mapping[str, float]
    pace: float = 1.0

    def opens(self, rates: Sequence[Rate], *, reserving: bool) -> float:
        """Return the earliest moment of the next request; may lie in the past."""
        early = (self.used.get(_name(rate), self.not_before) - _early(rate, reserving) for rate in rates)
        return max(self.not_before, *early)

    def granted(self, rates: Sequence[Rate], slot: float) -> RateLimit:
        """Return the state after a request at ``slot``, which must not be earlier than ``opens``."""
        used = {_name(rate): max(self.used.get(_name(rate), slot), slot) + self._spacing(rate) for rate in rates}
        return RateLimit(slot, used, min(1.0, self.pace + 0.02))

    def _spacing(self, rate: Rate) -> float:
        return rate.seconds / (rate.requests * _share(rate) * self.pace)


def per_minute(rates: Sequence[Rate], pace: float) -> float:
    """Return the requests a minute that keep all ``rates``."""
    return min(rate.requests * _share(rate) * pace * 60 / rate.seconds for rate in rates)


def used_of(rates: Sequence[Rate]) -> dict[str, float]:
    """Return seconds of each rate → requests of it that are used at pace 1."""
    return {_name(rate): rate.requests * _share(rate) for rate in rates}


def _share(rate: Rate) -> float:
    return SHORT_SHARE if rate.seconds <= 1 else LONG_SHARE


def _early(rate: Rate, reserving: bool) -> float:
    spare = rate.seconds * (1 / _share(rate) - 1)
    if reserving:
        return spare * BURST_SHARE if rate.seconds > 1 else 0.0
    return spare * LATENESS_SHARE


def _name(rate: Rate) -> str:
    return f"{rate.seconds:g}"
