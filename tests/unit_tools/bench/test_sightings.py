"""When a version counts as seen, and what its age is."""

from __future__ import annotations

import math

import pytest

from bench.freshness.sightings import Sightings
from bench.instruments.percentile import percentile, share_above


def test_a_version_counts_once_from_its_first_look() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"m\tA\t101"], 103.5)
    sightings.look([b"m\tA\t101", b"m\tA\t104", b"n\tA\t104"], 105.0)
    assert sightings.ages == {"m": [2.5, 1.0], "n": [1.0]}


def test_what_changed_before_the_measurement_is_known_and_not_measured() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"m\tA\t99"], 101.0)
    assert sightings.ages == {}
    assert sightings.never_seen("m", {"A": 99}, until=200) == []


def test_a_change_is_never_seen_unless_itself_or_a_newer_one_was() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"m\tsuperseded\t120", b"m\tstale\t105", b"n\tabsent\t112"], 121.0)
    truth = {"superseded": 110, "stale": 111, "absent": 112, "too young": 150}
    assert sightings.never_seen("m", truth, until=140) == ["stale", "absent"]


def test_a_row_overwritten_between_two_looks_was_seen_in_its_newer_version() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"stock\tA\t104"], 105.0)
    sightings.look([b"stock\tA\t109"], 110.0, forget=True)
    assert sightings.never_seen("stock", {"A": 107}, until=140) == []
    assert sightings.ages["stock"] == [1.0, 1.0]


def test_what_is_too_old_to_be_looked_at_again_is_forgotten_and_not_measured_twice() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"m\tA\t101", b"m\tB\t300"], 301.0)
    sightings.look([b"m\tB\t300"], 500.0, forget=True)
    sightings.look([b"m\tB\t300"], 501.0)
    assert sorted(sightings.ages["m"]) == [1.0, 200.0]
    assert sightings.never_seen("m", {"A": 101, "B": 300}, until=400) == []


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_percentiles_are_values_that_occurred(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == value


def test_without_values_there_is_no_percentile() -> None:
    assert math.isnan(percentile([], 0.5))
    assert share_above([], 5) == 0.0
    assert share_above([5.0, 5.1], 5) == 0.5
