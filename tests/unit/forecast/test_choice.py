"""Which method is published: by hand-made scores."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jst.forecast.candidate import Candidate, Method, MethodChoice, choose, wape
from jst.forecast.history import midnight
from tests.support.sold_days import at

FIRST = date(2026, 3, 2)


def scores(method: Method, off_by: float, days: int = 14, first: date = FIRST) -> list[Candidate]:
    """100 sold a day at noon, forecast ``off_by`` too high."""
    return [
        Candidate(day, "total", method, at(12, 100.0 + off_by), midnight(day), actual=at(12, 100.0))
        for day in (first + timedelta(days=n) for n in range(days))
    ]


def chosen(
    *scored: list[Candidate], able: tuple[Method, ...] = ("profile", "last_week", "prophet")
) -> MethodChoice | None:
    return choose([each for part in scored for each in part], able, lambda _: True)


def test_wape_is_what_was_wrong_of_what_was_sold() -> None:
    day = Candidate(FIRST, "total", "profile", at(9, 30.0), midnight(FIRST), actual=at(10, 60.0))
    assert wape([day]) == pytest.approx(1.5)
    assert wape([*scores("profile", -25.0, 1), *scores("profile", 5.0, 1)]) == pytest.approx(0.15)
    assert wape([]) is None


@pytest.mark.parametrize(
    ("prophet", "expected"),
    [
        (9.7, MethodChoice("prophet", 0.03, 14)),
        (9.81, MethodChoice("profile", 0.0, 14)),  # better, but by less than two in a hundred
        (12.0, MethodChoice("profile", 0.0, 14)),
    ],
)
def test_prophet_is_published_where_it_beats_the_better_baseline_by_two_percent(
    prophet: float, expected: MethodChoice
) -> None:
    found = chosen(scores("profile", 10.0), scores("last_week", 15.0), scores("prophet", prophet))
    assert found is not None
    assert replace(found, gain=round(found.gain, 6)) == expected


def test_the_better_baseline_is_the_one_to_beat_and_to_publish() -> None:
    told = chosen(scores("profile", 20.0), scores("last_week", 10.0), scores("prophet", 15.0))
    assert told == MethodChoice("last_week", 0.0, 14)


def test_only_the_newest_fourteen_days_count() -> None:
    later = FIRST + timedelta(days=14)
    told = chosen(
        scores("profile", 10.0, 28),
        scores("prophet", 50.0) + scores("prophet", 5.0, first=later),
        able=("profile", "prophet"),
    )
    assert told == MethodChoice("prophet", 0.5, 14)


def test_promo_days_do_not_count() -> None:
    """Prophet was good on them by chance, and is worse on all others."""
    promo = {FIRST + timedelta(days=n) for n in (3, 4)}
    scored = scores("profile", 10.0) + scores("last_week", 30.0) + scores("prophet", 11.0)
    right = {"prophet": 9_000.0, "profile": 100.0, "last_week": 100.0}
    lucky = [
        replace(each, amounts=at(12, right[each.method]), actual=at(12, 9_000.0)) if each.day in promo else each
        for each in scored
    ]
    told = choose(lucky, ("profile", "last_week", "prophet"), lambda day: day not in promo)
    assert told == MethodChoice("profile", 0.0, 12)


@pytest.mark.parametrize("days", [0, 6])
def test_before_a_week_is_scored_a_baseline_is_published(days: int) -> None:
    told = chosen(scores("profile", 10.0, days), scores("last_week", 12.0, days), scores("prophet", 1.0, days))
    assert told == MethodChoice("profile", 0.0, days)


def test_a_method_is_judged_by_days_that_the_others_have_too() -> None:
    """Prophet has only the newer, easier week."""
    later = FIRST + timedelta(days=7)
    hard_week = scores("profile", 40.0, 7) + scores("profile", 5.0, 7, later)
    told = chosen(hard_week, scores("prophet", 6.0, 7, later), able=("profile", "prophet"))
    assert told == MethodChoice("profile", 0.0, 7)


def test_the_first_days_have_their_mean_and_no_day_has_nothing() -> None:
    assert chosen(able=("recent",)) == MethodChoice("recent", 0.0, 0)
    assert chosen(able=()) is None


def test_a_baseline_that_was_never_wrong_is_not_beaten() -> None:
    assert chosen(scores("profile", 0.0), scores("last_week", 9.0), scores("prophet", 0.0)) == MethodChoice(
        "profile", 0.0, 14
    )
