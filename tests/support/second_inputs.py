"""What a second implementation counts, from the source's rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from tests.support.exact_frames import Frames
from tests.support.exact_sums import By


@dataclass(frozen=True)
class Counted:
    """Business days ``first`` to ``last``; ``as_of`` without zone, Shanghai's; ``only``: values to keep by cut."""

    frames: Frames
    first: date
    last: date
    as_of: datetime
    only: Mapping[str, Collection[Any]] = field(default_factory=dict)

    def days(self, by: By) -> list[date]:
        """Days a level is asked for."""
        days = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        kept = [day for day in days if day in self.only.get("day", days)]
        return kept if "day" in by else kept[-1:]

    @cached_property
    def shipped(self) -> pd.DataFrame:
        """Of every day."""
        sales = self._kept(self.frames.sales)
        sales = sales[sales["status"].isin(["Confirmed", "Archive"]) & (sales["qty"] >= 0) & sales["io_date"].notna()]
        return _timed(sales, "io_date")

    @cached_property
    def sold(self) -> pd.DataFrame:
        return self._within(self.shipped)

    @cached_property
    def after_sales(self) -> pd.DataFrame:
        returns = self._kept(self.frames.returns)
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

    @cached_property
    def outlook(self) -> pd.DataFrame:
        outlook = self._kept(self.frames.outlook)
        return outlook if self.last == self.as_of.date() else outlook[:0]

    def stock(self, by: By) -> pd.DataFrame:
        stock = self._kept(self.frames.stock)
        return stock[stock["day"].isin(self.days(by)) & (stock["day"] <= self.as_of.date())]

    def forecast(self, by: By) -> pd.DataFrame:
        rows = self._kept(self.frames.forecast)
        return self._within(rows[rows["day"].isin(self.days(by))])

    @cached_property
    def forecast_scored(self) -> pd.DataFrame:
        rows = self._kept(self.frames.forecast)
        return self._within(rows[rows["actual_amount"].notna()])

    def _within(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame[(frame["day"] >= self.first) & (frame["day"] <= self.last)]
        for cut in self.only.keys() & {"day", "hour"}:
            frame = frame[frame[cut].isin(self.only[cut])]
        return frame

    def _kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        for cut in self.only.keys() & {*frame.columns} - {"day", "hour"}:
            frame = frame[frame[cut].isin(self.only[cut])]
        return frame


def _timed(frame: pd.DataFrame, axis: str) -> pd.DataFrame:
    return frame.assign(day=frame[axis].dt.date, hour=frame[axis].dt.hour)
