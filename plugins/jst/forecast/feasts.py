"""China's statutory holidays, and weekends worked instead of them (调休), from the package ``holidays``."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

_WORKED_INSTEAD = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_LONGEST_BREAK = 9
"""Days looked at on either side of a day off for the name of its holiday."""
_DAY = timedelta(days=1)
_SAME = {"农历除夕": "春节"}


def is_off(day: date) -> bool:
    """Say whether people are off: a holiday, or a weekend that is not worked. Without the package: a weekend."""
    of_year = _year(day.year)
    return day in of_year.names or (day.weekday() >= 5 and day not in of_year.worked)


def holiday(day: date) -> str:
    """Return the holiday whose break a day belongs to, '' for an ordinary day or weekend."""
    if not is_off(day):
        return ""
    names = [_year(other.year).names.get(other, "") for other in _break_of(day)]
    return next((name for name in names if name), "")


def _break_of(day: date) -> list[date]:
    """List the days off in a row that this one is among, from the first on."""
    days = [day]
    for way in (-_DAY, _DAY):
        other = day + way
        while is_off(other) and len(days) <= 2 * _LONGEST_BREAK:
            days.append(other)
            other += way
    return sorted(days)


class _Year:
    """``names``: day off → its holiday, '' where it is a weekday off instead of a weekend; ``worked``: weekends."""

    def __init__(self, names: dict[date, str]) -> None:
        self.names: dict[date, str] = {}
        self.worked = set[date]()
        for day, name in names.items():
            worked = _WORKED_INSTEAD.search(name)
            if worked:
                self.worked.add(date(*map(int, worked.groups())))
            bare = "" if worked else name.split("（")[0].split(";")[0].strip()
            self.names[day] = _SAME.get(bare, bare)


@cache
def _year(year: int) -> _Year:
    try:
        from holidays import country_holidays
    except ImportError:  # it comes with the extra [forecast]
        return _Year({})
    return _Year(dict(country_holidays("CN", years=[year], language="zh_CN")))
