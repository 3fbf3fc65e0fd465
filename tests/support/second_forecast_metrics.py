"""Metrics of the forecast in pandas, from their definitions and not from the SQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from tests.support.exact_sums import Answer, By, over, rounded, total
from tests.support.second_inputs import Counted

_ERROR = 1.2816


def amount(of: Counted, by: By) -> Answer:
    rows = of.forecast(by)
    return over(total(rows, by, "out_amount") if len(rows) or by else {"": None}, 100, 2)


def incomplete(of: Counted, by: By) -> Answer:
    rows = of.forecast(by)
    return over(total(rows, by, "is_incomplete") if len(rows) or by else {"": None}, 1, 0)


def end(sign: int) -> Callable[[Counted, By], Answer]:
    """The low (−1) or the high (1) end of the band."""

    def metric(of: Counted, by: By) -> Answer:
        answer: Answer = dict[str, Any]() if by else {"": None}
        for key, group in _groups(of.forecast(by), by):
            shared = sum(int(each) ** 2 for each in group.groupby("hour")["hour_error"].sum())
            variance = int(group["own_variance"].sum()) + shared + int(group["day_error"].sum()) ** 2
            bound = max(0.0, int(group["out_amount"].sum()) / 100 + sign * _ERROR * math.sqrt(variance / 10_000))
            answer[key] = rounded(int(bound * 1e6), 1e6, 2)
        return answer

    return metric


def accuracy(of: Counted, by: By) -> Answer:
    rows = of.forecast_scored
    rows = rows.assign(off=rows["actual_amount"] - rows["midnight_amount"])
    answer: Answer = dict[str, Any]() if by else {"": None}
    for key, group in _groups(rows, by):
        off = int(group.groupby(["day", "hour"])["off"].sum().abs().sum())
        actual = int(group["actual_amount"].sum())
        answer[key] = 1 - rounded(off, actual, 4) if actual else None
    return answer


def _groups(rows: pd.DataFrame, by: By) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and rows of each group; none where there is no row."""
    if not by and len(rows):
        yield "", rows
    for key, group in rows.groupby(by) if by else ():
        yield "|".join(map(str, key)), group
