"""The baselines, by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from jst.clock import SHANGHAI
from jst.forecast import baselines
from jst.forecast.history import Coverage, Series, midnight
from jst.forecast.promos import Promos
from tests.support.sold_days import DAY, at, flat, history, shop

MONDAY = date(2026, 3, 2)
PROMOS = Promos(
    {"promos": [{"name": "促", "day": "03-23", "factor": 2.0}], "holidays": []},
    holiday=lambda day: "节" if day == date(2026, 3, 26) else "",
    is_off=lambda day: day.weekday() >= 5 or day == date(2026, 3, 26),
)


def series(days: int, sold: object, promos: Promos = PROMOS) -> Series:
    """``sold``: day → amounts, from Monday 2 March on."""
    known = {MONDAY + n * DAY: sold(MONDAY + n * DAY) for n in range(days)}  # type: ignore[operator]
    return Series(known, promos.of, promos.is_off)


def test_last_week_is_the_same_weekday() -> None:
    weeks = series(14, lambda day: flat(24.0 * day.day))
    assert baselines.last_week(weeks, MONDAY + 14 * DAY) == (9.0,) * 24


def test_last_week_was_no_promo_day() -> None:
    """23 March was one: the Monday before it speaks for the 30th."""
    weeks = series(28, lambda day: flat(24.0 * day.day))
    assert baselines.last_week(weeks, date(2026, 3, 30)) == (16.0,) * 24


def test_a_holiday_sells_like_a_sunday() -> None:
    weeks = series(24, lambda day: flat(48.0 if day.weekday() == 6 else 24.0))
    assert baselines.last_week(weeks, date(2026, 3, 26)) == (2.0,) * 24


def test_the_profile_is_the_median_shape_at_the_median_level() -> None:
    """Mondays sell half at 9 and half at 10, one of four all at night; days sell 100, the newest seven 200, Mondays
    twice as much as the week around them."""

    def sold(day: date) -> tuple[float, ...]:
        level = 200.0 if day >= date(2026, 3, 24) else 100.0
        if day.weekday() == 0 and day != date(2026, 3, 23):
            level *= 2
            shape = (
                at(2, 1.0) if day == date(2026, 3, 9) else tuple(map(sum, zip(at(9, 0.5), at(10, 0.5), strict=True)))
            )
            return tuple(level * part for part in shape)
        return flat(level)

    said = baselines.profile(series(35, sold), date(2026, 4, 6))
    assert said is not None
    assert [said[2], said[9], said[10]] == pytest.approx([0.0, 200.0, 200.0])
    assert sum(said) == pytest.approx(400.0)


@pytest.mark.parametrize(("days", "able"), [(6, False), (7, True)])
def test_the_profile_needs_a_week(days: int, able: bool) -> None:
    weeks = series(days, lambda _: flat(24.0))
    said = baselines.profile(weeks, MONDAY + 7 * DAY)
    assert (said is not None) == able


def test_the_first_days_are_averaged_among_their_kind() -> None:
    weeks = series(6, lambda day: flat(48.0 if day.weekday() == 5 else 24.0))
    assert baselines.recent(weeks, MONDAY + 7 * DAY) == (1.0,) * 24
    assert baselines.recent(weeks, MONDAY + 6 * DAY) == (2.0,) * 24
    assert baselines.recent(series(0, flat), MONDAY) is None


def test_a_small_shop_sells_its_total_by_the_hours_of_its_platform() -> None:
    """The platform sells at 20 o'clock, at weekends twice as much; the shop sold 7, 0, 14 … a day, 7 on average."""
    platform = series(
        28,
        lambda day: at(20, 200.0 if day.weekday() >= 5 else 100.0),
        promos=Promos({"promos": [], "holidays": []}, holiday=lambda _: "", is_off=lambda day: day.weekday() >= 5),
    )
    own = Series({day: at(3, (7.0, 0.0, 14.0)[n % 3]) for n, day in enumerate(sorted(platform.days)[:27])},
                 platform.special, platform.is_off)  # fmt: skip
    worked = baselines.day_total(own, platform, MONDAY + 28 * DAY)
    off = baselines.day_total(own, platform, MONDAY + 33 * DAY)
    assert worked is not None
    assert off is not None
    # 27 days: 19 or 20 of them worked, 7 off
    usual = (20 * 100 + 7 * 200) / 27
    assert worked[20] == pytest.approx(7.0 * 100 / usual)
    assert off[20] == pytest.approx(7.0 * 200 / usual)
    assert sum(worked) == worked[20]
    assert baselines.day_total(Series({}, platform.special, platform.is_off), platform, MONDAY) is None


def test_a_day_that_is_not_complete_is_no_history() -> None:
    """Its evening is missing, a certificate calls another open: neither is taken for a day without sales."""
    sold = shop(101, MONDAY, 21, lambda day: at(9, 5.0) if day == date(2026, 3, 16) else flat(24.0))
    known = Coverage(midnight(MONDAY), midnight(date(2026, 3, 22)), doubtful=frozenset({date(2026, 3, 16)}))
    days = history(sold, until=MONDAY, coverage=known).series([101], date(2026, 3, 23)).days
    assert date(2026, 3, 16) not in days
    assert date(2026, 3, 22) not in days
    assert len(days) == 19


def test_a_day_without_a_sale_is_a_day() -> None:
    sold = shop(101, MONDAY, 14, lambda day: flat(0.0 if day.day == 5 else 24.0))
    other = shop(102, MONDAY, 14, lambda _: flat(24.0))
    days = history(sold, other, until=date(2026, 3, 16)).series([101], date(2026, 3, 16)).days
    assert days[date(2026, 3, 5)] == (0.0,) * 24


@pytest.mark.parametrize(
    ("start", "until", "hours"),
    [
        ("2026-03-02T00:00", "2026-03-05T10:59", 10),
        ("2026-03-02T00:00", "2026-03-06T00:00", 24),
        ("2026-03-02T00:00", "2026-03-04T23:00", 0),
        ("2026-03-05T08:00", "2026-03-05T10:59", 0),
    ],
)
def test_only_full_hours_since_midnight_are_known(start: str, until: str, hours: int) -> None:
    begun, known = (datetime.fromisoformat(each).replace(tzinfo=SHANGHAI) for each in (start, until))
    assert Coverage(begun, known).hours_of(date(2026, 3, 5)) == hours


def test_a_day_before_the_start_counts_when_it_was_certified() -> None:
    start, until = midnight(date(2026, 3, 5)), midnight(date(2026, 3, 9))
    known = Coverage(start, until, certified=frozenset({date(2025, 11, 11)}))
    assert known.has(date(2025, 11, 11))
    assert not known.has(date(2025, 11, 12))
