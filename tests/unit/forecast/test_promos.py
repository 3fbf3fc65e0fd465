"""Which days are unlike others, and how much is expected of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jst.errors import Misconfigured
from jst.forecast.promos import PromoDay, Promos, load_promos

FEASTS = {date(2026, 2, 15 + n): "春节" for n in range(9)}
FACTS = {
    "promos": [
        {
            "name": "双 11",
            "day": "11-11",
            "factor": 4,
            "lead": {"days": 2, "factor": 1.8},
            "tail": {"days": 1, "factor": 0.7},
        },
        {"name": "开门红", "day": "11-09", "factor": 2},
        {"name": "店庆", "day": "2026-08-18", "factor": 3},
    ],
    "holidays": [{"name": "春节", "factor": 0.4}],
}
PROMOS = Promos(FACTS, holiday=lambda day: FEASTS.get(day, ""), is_off=lambda day: day in FEASTS)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 11), PromoDay("双 11", "promo", 4, 0)),
        (date(2026, 11, 10), PromoDay("双 11", "lead", 1.8, -1)),
        (date(2026, 11, 9), PromoDay("开门红", "promo", 2, 0)),
        (date(2026, 11, 12), PromoDay("双 11", "tail", 0.7, 1)),
        (date(2026, 11, 13), None),
        (date(2025, 11, 11), PromoDay("双 11", "promo", 4, 0)),
        (date(2026, 8, 18), PromoDay("店庆", "promo", 3, 0)),
        (date(2027, 8, 18), None),
        (date(2026, 2, 17), PromoDay("春节", "holiday", 0.4, 2)),
    ],
)
def test_a_day_is_what_the_file_says(day: date, expected: PromoDay | None) -> None:
    assert PROMOS.of(day) == expected


def test_a_promo_within_a_holiday_stands_above_it() -> None:
    facts = {"promos": [{"name": "情人节", "day": "02-15", "factor": 1.5}], "holidays": FACTS["holidays"]}
    both = Promos(facts, holiday=lambda day: FEASTS.get(day, ""), is_off=lambda _: False)
    assert both.of(date(2026, 2, 15)) == PromoDay("情人节", "promo", 1.5, 0)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 10), date(2025, 11, 10)),
        (date(2026, 8, 18), None),
        (date(2026, 11, 20), None),
    ],
)
def test_the_same_occasion_of_last_year_is_found(day: date, expected: date | None) -> None:
    assert PROMOS.same_last_year(day) == expected


def test_a_feast_of_the_moon_is_found_where_it_was() -> None:
    feasts = FEASTS | {date(2025, 1, 28).replace(day=28): "春节"}
    feasts |= {date.fromordinal(date(2025, 1, 28).toordinal() + n): "春节" for n in range(8)}
    moon = Promos(FACTS, holiday=lambda day: feasts.get(day, ""), is_off=lambda _: False)
    assert moon.same_last_year(date(2026, 2, 17)) == date(2025, 1, 30)


def test_the_shipped_file_can_be_read() -> None:
    promo = load_promos().of(date(2026, 11, 11))
    assert promo is not None
    assert (promo.name, promo.kind) == ("双 11", "promo")


def test_a_mistake_is_named_by_its_key(tmp_path: Path) -> None:
    path = tmp_path / "promos.yaml"
    path.write_text("promos: [{name: 双 11, day: 13-11, factor: 4}]\nholidays: []\n", "utf-8")
    with pytest.raises(Misconfigured, match=r"promos\.yaml 的 \$\.promos\[0\]\.day"):
        load_promos(path)
