"""When the next request may be made, for several rates at once. Pure; times are unix seconds.

Limits of a second are spaced evenly. Longer ones count what was granted, exactly as the source does, so that a reading
of many pages need not be stretched over the minute: whatever is written meanwhile would have to be read with it. Each
rate is used a little below the contract, because the source counts by its own clock and requests jitter on their way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jst.erp.budget import Rate

SHORT_SHARE, LONG_SHARE = 0.9, 0.95
"""Share of the contract in use: of limits per second (or less), and of longer ones."""
LATENESS = 0.2
"""Part of a second's spare time by which anybody may be early, so that waking a little late costs no throughput."""
FREE_SHARE = 0.75
"""Share of a longer limit that may be taken without reserving: live finds the rest whatever others do."""
SLOWEST = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """The state of a bucket. ``not_before``: nobody asks earlier; ``used``: by a rate's seconds, until when even
    spacing has used it up, or of a longer one its last slots; ``pace``: share of the rates in use."""

    not_before: float
    used: Mapping[str, Sequence[float]]
    pace: float = 1.0

    def opens(self, rates: Sequence[Rate], *, reserving: bool) -> float:
        """The earliest moment of the next request; may lie in the past."""
        return max([self.not_before, *(self._opens(rate, reserving) for rate in rates)])

    def granted(self, rates: Sequence[Rate], slot: float) -> Line:
        """The state after a request at ``slot``, which must not be earlier than ``opens``."""
        used = {_name(rate): self._used(rate, slot) for rate in rates}
        return Line(slot, used, min(1.0, self.pace + 0.02))

    def _opens(self, rate: Rate, reserving: bool) -> float:
        used = self.used.get(_name(rate), ())
        if not used:
            return self.not_before
        if not _is_long(rate):
            spare = rate.seconds * (1 / SHORT_SHARE - 1)
            return used[0] - (0.0 if reserving else spare * LATENESS)
        most = self._most(rate) if reserving else max(1, int(self._most(rate) * FREE_SHARE))
        return used[-most] + rate.seconds if len(used) >= most else self.not_before

    def _used(self, rate: Rate, slot: float) -> list[float]:
        used = self.used.get(_name(rate), ())
        if _is_long(rate):
            return [*used, slot][-int(rate.requests) :]
        spacing = rate.seconds / (rate.requests * SHORT_SHARE * self.pace)
        return [max(used[0] if used else slot, slot) + spacing]

    def _most(self, rate: Rate) -> int:
        return max(1, int(rate.requests * LONG_SHARE * self.pace))


def _is_long(rate: Rate) -> bool:
    return rate.seconds > 1


def _name(rate: Rate) -> str:
    return f"{rate.seconds:g}"
