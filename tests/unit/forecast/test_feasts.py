"""Holidays and weekends that are worked instead, as the package holidays knows them."""

from __future__ import annotations

from datetime import date

import pytest

from jst.forecast import feasts

pytest.importorskip("holidays", reason="comes with the extra [forecast]")


@pytest.mark.parametrize(
    ("day", "off", "name"),
    [
        (date(2026, 10, 1), True, "国庆节"),
        (date(2026, 10, 4), True, "国庆节"),  # a Sunday within the break
        (date(2026, 10, 7), True, "国庆节"),  # a weekday off instead of the 10th
        (date(2026, 10, 10), False, ""),  # the Saturday that is worked
        (date(2026, 10, 11), True, ""),
        (date(2026, 2, 16), True, "春节"),  # New Year's Eve
        (date(2026, 11, 11), False, ""),
        (date(2026, 11, 14), True, ""),
    ],
)
def test_a_day_is_off_or_worked(day: date, off: bool, name: str) -> None:
    assert (feasts.is_off(day), feasts.holiday(day)) == (off, name)
