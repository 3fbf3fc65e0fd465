"""Whole numbers by group, then one division: how the second implementation adds up and rounds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

Answer = dict[str, Decimal | None]
"""Value by the cuts' values joined with ``|`` ('' without a cut)."""
By = list[str]


def total(frame: pd.DataFrame, by: By, column: str) -> dict[str, Any]:
    """Sums by group; None where nothing is known."""
    if not by:
        return {"": _known(frame[column].sum(min_count=1)) if len(frame) else 0}
    return keyed(frame.groupby(by)[column].sum(min_count=1))


def distinct(frame: pd.DataFrame, by: By, column: str) -> dict[str, Any]:
    if not by:
        return {"": frame[column].nunique()}
    return keyed(frame.groupby(by)[column].nunique())


def keyed(series: pd.Series) -> dict[str, Any]:
    keys = [key if isinstance(key, tuple) else (key,) for key in series.index]
    return {"|".join(map(str, key)): _known(value) for key, value in zip(keys, series, strict=True)}


def _known(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def over(numbers: Mapping[str, int | None], unit: int, places: int) -> Answer:
    """``numbers`` in parts of which ``unit`` are one."""
    return {key: None if value is None else rounded(value, unit, places) for key, value in numbers.items()}


def ratio(above: dict[str, Any], below: dict[str, Any], places: int, unit: float = 1) -> Answer:
    """Group by group; ``unit``: how many of above's parts are one of below's."""
    keys = {*above, *below}
    return {
        key: rounded(above.get(key) or 0, (below.get(key) or 0) * unit, places) if below.get(key) else None
        for key in keys
    }


def rounded(number: float, unit: float, places: int) -> Decimal:
    """Half away from zero."""
    above, below = int(number) * 10**places, int(unit)
    whole = (2 * abs(above) + below) // (2 * below)
    return Decimal(whole if above >= 0 else -whole).scaleb(-places)


def missing_are_zero(part: dict[str, Any], all_groups: pd.DataFrame, by: By) -> dict[str, Any]:
    """Groups that are there, though nothing of this kind is in them."""
    return dict.fromkeys(distinct(all_groups, by, all_groups.columns[0]), 0) | part


def names(frame: pd.DataFrame, by: By) -> list[str]:
    if not by:
        return [""] * len(frame)
    return ["|".join(map(str, key)) for key in zip(*(frame[cut] for cut in by), strict=True)]
