"""Business days as a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pendulum
from airflow.timetables.base import TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable

if TYPE_CHECKING:
    from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

_ZONE = "Asia/Shanghai"


class BusinessDayTimetable(CronDataIntervalTimetable):
    """One data interval per business day of Shanghai.

    The backfill form sends the first and the last minute of the days a person picked, by the time zone the UI shows. A
    person whose UI shows UTC means the same days: bounds that are bounds of UTC days are read as those of Shanghai's.
    """

    def __init__(self) -> None:
        super().__init__("0 0 * * *", _ZONE)

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        return cls()

    def serialize(self) -> dict[str, Any]:
        return {}

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        return super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval,
            restriction=TimeRestriction(
                in_shanghai(restriction.earliest, 0), in_shanghai(restriction.latest, 24 * 60 - 1), restriction.catchup
            ),
        )


def in_shanghai(bound: pendulum.DateTime | None, minute: int) -> pendulum.DateTime | None:
    """Move a bound in this ``minute`` of a UTC day to the same time of that day in Shanghai."""
    if bound is None:
        return None
    utc = bound.astimezone(pendulum.UTC)
    if utc.hour * 60 + utc.minute != minute:
        return bound
    return pendulum.datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, tz=_ZONE)
