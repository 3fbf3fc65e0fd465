"""When a version counts as seen, and what its age is."""

from __future__ import annotations

import math

import pytest

from bench.sightings import Sightings, percentile, share_above


def test_a_version_counts_once_from_its_first_look() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"A\t101"], 103.5)
    sightings.look([b"A\t101", b"A\t104"], 105.0)
    assert sightings.ages == [2.5, 1.0]


def test_what_changed_before_the_measurement_is_known_and_not_measured() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"A\t99"], 101.0)
    assert sightings.ages == []
    assert sightings.never_seen({"A": 99}, until=200) == []


def test_a_change_is_never_seen_unless_itself_or_a_newer_one_was() -> None:
    sightings = Sightings(begin=100)
    sightings.look([b"superseded\t120", b"stale\t105"], 121.0)
    truth = {"superseded": 110, "stale": 111, "absent": 112, "too young": 150}
    assert sightings.never_seen(truth, until=140) == ["stale", "absent"]


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_percentiles_are_values_that_occurred(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == value


def test_without_values_there_is_no_percentile() -> None:
    assert math.isnan(percentile([], 0.5))
    assert share_above([], 5) == 0.0
    assert share_above([5.0, 5.1], 5) == 0.5
