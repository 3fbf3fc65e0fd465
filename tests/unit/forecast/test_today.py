"""The rest of today, its band, and shops that add up: by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jst.forecast.band import DEVIATIONS, GUESS, Band, measured
from jst.forecast.candidate import Candidate
from jst.forecast.history import HOURS, Amounts, Coverage, midnight
from jst.forecast.lineup import MOST_SHOPS, line_up
from jst.forecast.midnight import Midnight, scaled_to
from jst.forecast.occasions import occasion
from jst.forecast.promos import Promos
from jst.forecast.today import DayPace, Today, misled, pace
from tests.support.sold_days import DAY, NO_PROMOS, at, flat, history, shop

FIRST, TODAY = date(2026, 2, 1), date(2026, 3, 3)
DAYS = (TODAY - FIRST).days


def added(*parts: Amounts) -> Amounts:
    return tuple(map(sum, zip(*parts, strict=True)))


@pytest.mark.parametrize(
    ("hours", "promo", "expected"),
    [
        (8, False, DayPace()),
        # 90 of 240 said, 180 came: weight 90 ÷ (90 + 24)
        (9, False, DayPace(2 * 90 / 114 + 24 / 114, 90 / 114)),
        (11, True, DayPace()),
        # of a promo day the first two hours are left out: 100 of 240 said, 200 came
        (12, True, DayPace(2 * 100 / 124 + 24 / 124, 100 / 124)),
    ],
)
def test_the_rest_is_scaled_when_enough_is_known(hours: int, promo: bool, expected: DayPace) -> None:
    found = pace(flat(240.0), flat(480.0), hours, promo=promo)
    assert [found.factor, found.weight] == pytest.approx([expected.factor, expected.weight])


def test_the_midnight_rush_of_a_promo_day_does_not_speak_for_it() -> None:
    rushed = added(flat(240.0), at(0, 5_000.0))
    assert pace(flat(240.0), rushed, 12, promo=True).factor == pytest.approx(1.0)


def test_a_day_that_was_not_expected_to_sell_is_left_alone() -> None:
    assert pace(flat(0.0), flat(480.0), 12, promo=False) == DayPace()


def test_parts_add_up_to_the_total_in_every_hour() -> None:
    total = added(at(9, 90.0), at(10, 30.0), at(11, 8.0))
    scaled = scaled_to(total, {"a": added(at(9, 10.0), at(10, 10.0)), "b": at(9, 20.0)})
    assert [*scaled["a"][9:12]] == pytest.approx([30.0, 30.0, 4.0])  # at 11 none sells: shared like the day, evenly
    assert [*scaled["b"][9:12]] == pytest.approx([60.0, 0.0, 4.0])


def said(series: str, amounts: Amounts, day: date = TODAY, actual: Amounts | None = None) -> Candidate:
    return Candidate(day, series, "published", amounts, midnight(day), chosen="profile", actual=actual)


def running(hours: int, sold: Amounts, band: Band | None = None) -> Today:
    """Two large shops of 240 and 120 a day and a small one of 24, today ``sold`` by the first."""
    shops = [
        shop(101, FIRST, DAYS + 1, lambda day: sold if day == TODAY else flat(240.0)),
        shop(102, FIRST, DAYS, lambda _: flat(120.0)),
        shop(103, FIRST, DAYS, lambda _: flat(24.0), orders=24),
    ]
    known = Coverage(midnight(FIRST), midnight(TODAY))
    stand = Midnight.of(history(*shops, until=TODAY, coverage=known), TODAY, NO_PROMOS)
    parts = {"shop:101": flat(240.0), "shop:102": flat(120.0), "shop:103": flat(24.0)}
    published = {name: said(name, amounts) for name, amounts in {"total": flat(384.0), **parts}.items()}
    return Today(stand, published, band or Band(0.0, flat(0.0), {}, 0), hours)


def test_hours_that_are_over_stay_as_midnight_said_them() -> None:
    rows = list(running(12, flat(480.0)).rows())
    assert {row.amount for row in rows if row.shop.shop_id == 101 and row.hour < 12} == {10.0}
    assert all(row.at_midnight == pytest.approx({101: 10.0, 102: 5.0, 103: 1.0}[row.shop.shop_id]) for row in rows)


def test_shops_add_up_to_the_total_that_went_faster() -> None:
    """Of 192 until noon 240 came: 1.25 at weight 192 ÷ (192 + 38.4)."""
    rows = list(running(12, flat(480.0)).rows())
    noon = {row.shop.shop_id: row.amount for row in rows if row.hour == 12}
    assert sum(noon.values()) == pytest.approx(16.0 * (240 / 192 * 192 / 230.4 + 38.4 / 230.4))
    # the first sold twice as much as said, the second nothing, the small one has no say of its own
    assert noon[101] > 11.0
    assert noon[102] < 2.0


def test_small_shops_are_those_below_ten_orders_an_hour() -> None:
    lineup = running(0, flat(0.0)).midnight.lineup
    assert (lineup.large, lineup.small, lineup.rest) == ((101, 102), (103,), {})


def test_shops_beyond_the_top_are_one_series_shared_by_their_last_two_weeks() -> None:
    many = [shop(1 + n, FIRST, DAYS, lambda _: flat(1_000.0)) for n in range(MOST_SHOPS)]
    late = date(2026, 2, 17)
    others = [
        shop(901, FIRST, DAYS, lambda day: flat(30.0 if day >= late else 300.0)),
        shop(902, FIRST, DAYS, lambda _: flat(90.0)),
        shop(903, FIRST, 1, lambda _: flat(90.0)),  # has not sold for four weeks
    ]
    found = line_up(history(*many, *others, until=TODAY), TODAY)
    assert found.rest == {901: pytest.approx(0.25), 902: pytest.approx(0.75)}


def test_what_comes_later_is_not_looked_at() -> None:
    """At the midnight of 20 February the shop that opened in March is unknown."""
    new = shop(104, date(2026, 3, 1), 2, lambda _: flat(9_000.0))
    old = shop(101, FIRST, DAYS, lambda day: flat(5_000.0 if day >= date(2026, 2, 20) else 240.0))
    stand = Midnight.of(history(old, new, until=TODAY), date(2026, 2, 20), NO_PROMOS)
    assert stand.names == ("total", "shop:101")
    amounts = {each.method: sum(each.amounts) for each in stand.candidates(["total"], None)}
    assert amounts == {"profile": pytest.approx(240.0), "last_week": pytest.approx(240.0)}


PROMOS = Promos(
    {"promos": [{"name": "促", "day": "03-03", "factor": 3.0}], "holidays": []}, holiday=lambda _: "",
    is_off=lambda day: day.weekday() >= 5,
)  # fmt: skip


def test_a_promo_day_stands_on_its_assumption_until_there_is_a_last_year() -> None:
    this_year = shop(101, FIRST, DAYS, lambda _: flat(240.0))
    assumed = occasion(history(this_year, until=TODAY, promos=PROMOS).series([101], TODAY), PROMOS, TODAY)
    assert assumed is not None
    assert sum(assumed.applied(flat(240.0))) == pytest.approx(720.0)
    assert assumed.words == "促：按平日的 3.00 倍（假设）"
    rush = added(flat(120.0), at(0, 480.0))
    last_year = shop(101, date(2025, 2, 1), 31, lambda day: rush if day == date(2025, 3, 3) else flat(120.0))
    both = replace(this_year, amounts={**last_year.amounts, **this_year.amounts})
    known = Coverage(midnight(date(2025, 2, 1)), midnight(TODAY))
    series = history(both, until=TODAY, promos=PROMOS, coverage=known).series([101], TODAY)
    seen = occasion(series, PROMOS, TODAY)
    assert seen is not None
    assert seen.words == "促：按平日的 5.00 倍（去年同日实测）"
    on_the_day = seen.applied(flat(240.0))
    assert sum(on_the_day) == pytest.approx(1_200.0)
    assert on_the_day[0] == pytest.approx(1_200.0 * 485 / 600)


WEEK = [TODAY - n * DAY for n in range(1, 8)]


def every_day(*parts: tuple[str, Amounts, Amounts]) -> list[Candidate]:
    """A week in which these series were said to sell so much, and sold so much."""
    return [said(series, amounts, day, actual) for day in WEEK for series, amounts, actual in parts]


def test_the_band_has_what_all_share_and_what_is_a_shops_own() -> None:
    """A day 10 % too high everywhere is the day's; hours that all miss are the hour's; one against the other is their
    own. The night, where nothing is missed, has no error."""
    higher = tuple(1.1 * each for each in flat(240.0))
    found = measured(every_day(("total", flat(240.0), higher), ("shop:101", flat(240.0), higher)))
    assert [found.day, found.hours[9], found.own["shop:101"]] == pytest.approx([0.1 / DEVIATIONS, 0.0, 0.0])
    swapped, against = added(flat(240.0), at(9, 5.0), at(10, -5.0)), added(flat(240.0), at(9, -5.0), at(10, 5.0))
    found = measured(every_day(("total", flat(240.0), swapped)))
    assert [found.day, *found.hours[5:12]] == pytest.approx([0.0, 0.0, *(0.5 / DEVIATIONS for _ in range(6))])
    shops = ("shop:101", flat(240.0), swapped), ("shop:102", flat(240.0), against)
    assert measured(every_day(("total", flat(480.0), flat(480.0)), *shops)).hours == flat(0.0)


def test_the_band_holds_four_days_of_five() -> None:
    """Nine of ten days are off by 5 %, one by half: the large one does not widen the band of all others."""
    days = [
        said("total", flat(240.0), TODAY - n * DAY, tuple(each * (1.5 if n == 3 else 1.05) for each in flat(240.0)))
        for n in range(1, 11)
    ]
    assert measured(days).day * DEVIATIONS == pytest.approx(0.05)


def test_what_hours_bring_with_them_is_not_counted_again_for_the_day() -> None:
    """Hours 4 too high and too low in turn, 0.2 too high besides: 4.8 a day is less than such hours do by chance."""
    off = tuple(each + (-1) ** hour * 4 + 0.2 for hour, each in enumerate(flat(240.0)))
    found = measured(every_day(("total", flat(240.0), off)))
    assert found.day == 0.0
    assert found.hours[0] * DEVIATIONS == pytest.approx(0.4, rel=0.05)


def test_a_shop_that_is_off_all_day_long_is_not_evened_out_over_its_hours() -> None:
    """All 24 hours 1 too low: 24² a day and not 24 times 1²."""
    lower = tuple(each - 1 for each in flat(240.0))
    both = every_day(("total", flat(480.0), flat(480.0)), ("shop:101", flat(240.0), lower))
    assert measured(both).own == {"shop:101": pytest.approx(576 / 240 / DEVIATIONS**2)}


def test_less_than_a_week_of_scores_is_said_to_be_a_guess() -> None:
    assert measured([said("total", flat(1.0))]) == GUESS
    assert measured(every_day(("total", flat(240.0), flat(480.0)))[:6]) == GUESS


def test_a_series_follows_its_day_only_where_that_was_nearer() -> None:
    """Mornings that were 20 % high and evenings that were not mislead; days that were 20 % high to their end do not."""
    high, morning = tuple(12.0 for _ in range(HOURS)), tuple(12.0 if hour < 12 else 10.5 for hour in range(HOURS))
    before = every_day(("total", flat(240.0), morning), ("shop:101", flat(240.0), high))
    assert misled(before, 12) == {"total"}
    assert misled(before[:12], 12) == frozenset(), "six days say nothing"
    today = running(12, flat(480.0))
    assert replace(today, misled=("total",)).pace == DayPace()
    rows = [row for row in replace(today, misled=("total", "shop:101", "shop:102")).rows() if row.hour == 12]
    assert {row.shop.shop_id: row.amount for row in rows} == {101: 10.0, 102: 5.0, 103: 1.0}


def test_what_is_left_of_the_days_error_shrinks_with_what_is_known() -> None:
    rows = list(running(12, flat(240.0), Band(0.2, flat(2.4), {"shop:101": 3.0}, 14)).rows())
    of_first = [row for row in rows if row.shop.shop_id == 101]
    weight = 192 / (192 + 38.4)
    assert of_first[0].day_error == pytest.approx(0.2 * 10.0)
    assert of_first[12].day_error == pytest.approx(0.2 * of_first[12].amount * (1 - weight))
    assert of_first[12].own == pytest.approx(3.0 * of_first[12].amount)
    assert of_first[12].hour_error == pytest.approx(0.1 * of_first[12].amount)
