"""When each version of an order was first seen in the wide table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil


@dataclass(slots=True)
class Sightings:
    """``begin``: Unix seconds; versions modified earlier are known, but not measured."""

    begin: int
    known: set[bytes] = field(default_factory=set)
    ages: list[float] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)

    def look(self, lines: Iterable[bytes], at: float) -> None:
        """``lines``: ``io_id<tab>modified`` with modified in Unix seconds, as visible at ``at`` (Unix seconds)."""
        fresh = set(lines) - self.known
        self.known |= fresh
        for line in fresh:
            key, _, digits = line.decode().rpartition("\t")
            modified = int(digits)
            self.newest[key] = max(modified, self.newest.get(key, 0))
            if modified >= self.begin:
                self.ages.append(at - modified)

    def never_seen(self, truth: Mapping[str, int], until: int) -> list[str]:
        """Keys of ``truth`` (key → modified, Unix seconds) whose change, not later than ``until``, was seen neither
        itself nor through a newer one."""
        return [key for key, modified in truth.items() if modified <= until and self.newest.get(key, 0) < modified]


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; NaN without values."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else float("nan")


def share_above(values: Sequence[float], limit: float) -> float:
    """0 to 1; 0 without values."""
    return sum(value > limit for value in values) / len(values) if values else 0.0
