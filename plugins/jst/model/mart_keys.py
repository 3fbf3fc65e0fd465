"""What of a business day's marts a load has touched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

MartKey = tuple[int, int, str, str]
"""Shop, hour, SKU and style of a wide row."""
Touched = Mapping[date, set[MartKey] | None]
"""None: all of the day."""
