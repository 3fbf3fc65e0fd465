"""What of a business day's marts a load has touched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

MartKey = tuple[int, int, str, str]
"""Shop, hour, SKU and style of a wide row."""
Touched = Mapping[date, set[MartKey] | None]
"""None: all of the day."""


def merged(some: Touched, others: Touched) -> Touched:
    """Return what either has touched; all of a day where one of them has touched all of it."""
    return {day: _either(some.get(day, set()), others.get(day, set())) for day in {*some, *others}}


def _either(some: set[MartKey] | None, others: set[MartKey] | None) -> set[MartKey] | None:
    return None if some is None or others is None else some | others
