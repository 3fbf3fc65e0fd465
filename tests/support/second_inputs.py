"""What a second implementation counts, from the source's rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import pandas as pd

from tests.support.exact_frames import Frames
from tests.support.exact_sums import By


@dataclass(frozen=True)
class Counted:
    """Business days ``first`` to ``last``; ``as_of`` without zone, Shanghai's."""

    frames: Frames
    first: date
    last: date
    as_of: datetime

    def days(self, by: By) -> list[date]:
        """Days a level is asked for."""
        if "day" not in by:
            return [self.last]
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @cached_property
    def shipped(self) -> pd.DataFrame:
        """Of every day."""
        sales = self.frames.sales
        sales = sales[sales["status"].isin(["Confirmed", "Archive"]) & (sales["qty"] >= 0) & sales["io_date"].notna()]
        return _timed(sales, "io_date")

    @cached_property
    def sold(self) -> pd.DataFrame:
        return self._within(self.shipped)

    @cached_property
    def after_sales(self) -> pd.DataFrame:
        returns = self.frames.returns
        return returns[(returns["status"] != "已取消") & (returns["qty"] >= 0)]

    @cached_property
    def created(self) -> pd.DataFrame:
        return self._within(_timed(self.after_sales, "created"))

    @cached_property
    def refunded(self) -> pd.DataFrame:
        found = self.after_sales
        return self._within(_timed(found[found["refund_date"].notna()], "refund_date"))

    @cached_property
    def waiting(self) -> pd.DataFrame:
        found = self.after_sales
        return found[found["created"] >= pd.Timestamp(self.as_of) - pd.Timedelta(days=90)]

    def stock(self, by: By) -> pd.DataFrame:
        stock = self.frames.stock
        return stock[stock["day"].isin(self.days(by)) & (stock["day"] <= self.as_of.date())]

    def _within(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["day"] >= self.first) & (frame["day"] <= self.last)]


def _timed(frame: pd.DataFrame, axis: str) -> pd.DataFrame:
    return frame.assign(day=frame[axis].dt.date, hour=frame[axis].dt.hour)
