"""How often a live feed looks when looking takes long."""

from __future__ import annotations

from jst.flow.shift import LONGEST_PACE, next_pace


def paces(spent: float, start: float, *, looks: int = 30) -> list[float]:
    """The paces of a feed whose every plan takes ``spent`` seconds; its spec says 5."""
    found = [start]
    for _ in range(looks):
        found.append(next_pace(found[-1], spent, 5.0))
    return found


def test_a_feed_that_has_time_looks_as_often_as_its_spec_says() -> None:
    assert set(paces(0.5, 5.0)) == {5.0}


def test_a_feed_whose_plans_take_long_looks_less_often_until_they_take_two_thirds_of_the_time() -> None:
    settled = paces(6.0, 5.0)[-10:]
    assert all(8.0 <= pace <= 12.5 for pace in settled)


def test_it_never_looks_less_often_than_every_twenty_seconds() -> None:
    assert max(paces(300.0, 5.0)) == LONGEST_PACE


def test_it_comes_back_when_the_trouble_is_over() -> None:
    assert paces(0.5, LONGEST_PACE, looks=15)[-1] == 5.0
