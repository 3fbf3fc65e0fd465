"""Comparing the source's totals with the warehouse's, although rows go on leaving every window: pure reasoning.

Why a verdict can be trusted: docs/decisions/0016-when-a-difference-is-one.md.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from jst.clock import SHANGHAI
from jst.model.window import Window

FINE = timedelta(hours=2)
"""How far back the windows are small: an hour for what commits late, and an hour of rounds to find it."""
Verdict = Literal["equal", "moving", "missing", "surplus"]


@dataclass(frozen=True, slots=True)
class WindowCount:
    """Rows of one closed window. ``total``: the source's, asked between the warehouse's ``before`` and ``after``;
    ``after`` None: the live feed had not passed the answer. ``letters``: unreadable rows the warehouse cannot have."""

    window: Window
    total: int
    before: int
    after: int | None
    letters: int = 0

    @property
    def verdict(self) -> Verdict:
        """Judge the counts: ``missing`` and ``surplus`` are certain; ``moving``: rows left meanwhile, and a difference
        no larger than their number would not show."""
        if self.total > self.before + self.letters:
            return "missing"
        if self.after is not None and self.total < self.after:
            return "surplus"
        return "equal" if self.after is not None and self.after >= self.before + self.letters else "moving"

    @property
    def differs(self) -> bool:
        return self.verdict in ("missing", "surplus")

    def __str__(self) -> str:
        after = "" if self.after in (None, self.before) else f"→{self.after}"
        return f"{self.window} 源端 {self.total}，仓库 {self.before}{after}"


def grid(end: datetime, floor: datetime, cell: timedelta, shift: timedelta) -> list[Window]:
    """Return neighbouring windows of one ``cell`` each over the last two hours before ``end``, their bounds ``shift``
    (0 to one cell) earlier each round, and one from there to midnight; oldest first, nothing before ``floor``."""
    midnight = end.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)
    cells = [end - shift - number * cell for number in range(FINE // cell + 1)]
    bounds = sorted({max(bound, floor) for bound in [end, *cells, min(midnight, cells[-1])]})
    return [Window(start, stop) for start, stop in pairwise(bounds)]


def quarters(window: Window) -> list[Window]:
    """Return two to four windows that share their boundary seconds; the window itself when it is one second."""
    halves = window.halves()
    return [window] if halves is None else [part for half in halves for part in half.halves() or (half,)]


def random_part(rng: random.Random, window: Window, rows: int, wanted: int) -> Window:
    """Return a random part of ``window``, which holds ``rows``, with about ``wanted`` rows in it."""
    seconds = min(window.seconds, max(1, window.seconds * wanted // max(rows, 1)))
    start = window.start + timedelta(seconds=rng.randint(0, window.seconds - seconds))
    return Window(start, start + timedelta(seconds=seconds))


def outdated(seen: Mapping[str, int], held: Mapping[str, int]) -> set[str]:
    """Return the keys of which the source showed a newer version than the warehouse has. Versions: as
    ``least_version`` makes them."""
    return {key for key, version in seen.items() if held.get(key, -1) < version}
