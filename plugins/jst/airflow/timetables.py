"""Schedules of ours: shifts without end, and business days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.timetables.base import TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.simple import ContinuousTimetable
from airflow.utils.types import DagRunType

from jst.clock import SHANGHAI

if TYPE_CHECKING:
    from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
    from pendulum import DateTime

_ZONE = "Asia/Shanghai"
_DAY = timedelta(days=1)
_WESTERNMOST = timedelta(hours=-10)
"""Offsets further west are not assumed: what could be −11 or −12 hours is taken for +13 or +12, New Zealand."""
_LAST_SECOND = timedelta(seconds=1)
_LAST_MINUTE = timedelta(minutes=1)
_SUMMER_TIME = timedelta(hours=1)


class ShiftTimetable(ContinuousTimetable):
    """Runs without end, two of them active at any time: one that reads, and the next one, which waits to relieve it."""

    description = "一班接一班：一次运行在读，下一次已经在等着接班"
    active_runs_limit = 2

    @property
    def summary(self) -> str:
        return "一班接一班"


class BusinessDayTimetable(CronDataIntervalTimetable):
    """One data interval per business day of Shanghai.

    The backfill form sends the first and the last minute of the days a person picked, by the time zone the UI shows.
    The days are what they mean, so the bounds are read as those days of Shanghai. Airflow's pages label a run with the
    moment from which it may start: a second before its day ends, so that the label is of the day itself.
    """

    def __init__(self) -> None:
        super().__init__("0 0 * * *", _ZONE)
        self.description = "每个业务日（北京时间）一次，当天结束后建立，次日 01:30 开始核对"

    @property
    def summary(self) -> str:
        return "每个业务日，次日 01:30"

    def generate_run_id(
        self, *, run_type: DagRunType, run_after: DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """Name a run by its business day; those a person triggers, of which a day may have several, by the moment as
        well."""
        start = data_interval.start if data_interval else run_after - _DAY
        day = f"{start.astimezone(SHANGHAI):%Y-%m-%d}"
        by_hand = run_type == DagRunType.MANUAL
        return run_type.generate_run_id(suffix=f"{day}_{run_after.isoformat()}" if by_hand else day)

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        return cls()

    def serialize(self) -> dict[str, Any]:
        return {}

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        earliest, latest = restriction.earliest, restriction.latest
        if earliest is not None:
            zone = _zone_of_midnight(earliest)
            earliest, latest = _first_moment(earliest + zone), latest and _last_moment(latest, zone)
        info = super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval,
            restriction=TimeRestriction(earliest, latest, restriction.catchup),
        )
        return info and info._replace(run_after=info.run_after - _LAST_SECOND)


def _zone_of_midnight(bound: pendulum.DateTime) -> timedelta:
    """Return the offset from UTC of a place where a day begins at ``bound``."""
    utc = bound.astimezone(pendulum.UTC)
    behind = -timedelta(hours=utc.hour, minutes=utc.minute)
    return behind if behind >= _WESTERNMOST else behind + _DAY


def _first_moment(local: pendulum.DateTime) -> pendulum.DateTime:
    """Return the beginning of a day in Shanghai; ``local``: any moment of it, written as UTC."""
    utc = local.astimezone(pendulum.UTC)
    return pendulum.datetime(utc.year, utc.month, utc.day, tz=_ZONE)


def _last_moment(bound: pendulum.DateTime, zone: timedelta) -> pendulum.DateTime:
    """Return the last minute in Shanghai of the day that ``bound`` ends, or that is ``bound``'s; summer time may have
    begun or ended since the first day that was picked."""
    for offset in (zone, zone - _SUMMER_TIME, zone + _SUMMER_TIME):
        local = (bound + offset).astimezone(pendulum.UTC)
        if (local.hour, local.minute) == (23, 59):
            break
    else:
        local = bound + zone
    return _first_moment(local) + _DAY - _LAST_MINUTE
