"""No window of the contract ever holds more requests than the contract allows, whoever asks and whenever."""

from __future__ import annotations

import itertools
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jst.control.rate_limit import LONG_SHARE, SHORT_SHARE, RateLimit
from jst.erp.client import Rate

OPENAPI = (Rate(5, 1), Rate(100, 60))
NOBODY = RateLimit(float("-inf"), {})
START = 1_763_000_000.0
SPACING = 1 / (5 * SHORT_SHARE)


def most(slots: Sequence[float], seconds: float) -> int:
    """Requests in the fullest closed window; a microsecond is what floating point may be off."""
    return max(bisect_right(slots, slot + seconds - 1e-6) - index for index, slot in enumerate(slots))


def run(rates: Sequence[Rate], gaps: Sequence[float], reserving: Callable[[int], bool]) -> list[float]:
    """Requests that come ``gaps`` seconds after each other; who does not reserve comes again when the line opens."""
    line, now, slots = NOBODY, START, []
    for number, gap in enumerate(gaps):
        now += gap
        opens = line.opens(rates, reserving=reserving(number))
        if opens > now and not reserving(number):
            now = opens
        slots.append(max(now, opens))
        line = line.granted(rates, slots[-1])
    return slots


@given(
    st.sampled_from(
        [(Rate(1, 1),), (Rate(5, 1),), (Rate(15, 1),), (Rate(20, 1),), OPENAPI, (Rate(8, 1), Rate(300, 60))]
    ),
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.05, 0.3, 0.7, 2.0]),
    st.sampled_from([0.0, 0.2, 0.5, 1.0]),
)
def test_no_window_of_the_contract_is_exceeded(
    rates: Sequence[Rate], seed: int, mean_gap: float, share_reserving: float
) -> None:
    rng = random.Random(seed)
    gaps = [rng.expovariate(1 / mean_gap) if mean_gap else 0.0 for _ in range(250)]
    if seed % 3 == 0:
        gaps[200] = 90.0  # a pause after which everybody wants something at once
    reserves = [rng.random() < share_reserving for _ in gaps]
    slots = run(rates, gaps, reserves.__getitem__)
    assert slots == sorted(slots)
    assert all(most(slots, rate.seconds) <= rate.requests for rate in rates)


@pytest.mark.parametrize("reserving", [True, False])
@pytest.mark.parametrize(
    ("rates", "seconds", "least"), [((Rate(5, 1),), 60, 275), ((Rate(15, 1),), 60, 827), (OPENAPI, 600, 968)]
)
def test_nearly_all_of_the_contract_is_used(rates: Sequence[Rate], seconds: float, least: int, reserving: bool) -> None:
    slots = run(rates, [0.0] * 1000, lambda _: reserving)
    assert bisect_right(slots, START + seconds) >= least


def test_waking_late_costs_nothing_in_the_long_run() -> None:
    slots = run(OPENAPI, [0.02] * 1200, lambda _: False)
    assert bisect_right(slots, START + 600) >= 968


def test_requests_of_a_second_are_evenly_spaced() -> None:
    slots = run((Rate(5, 1),), [0.0] * 100, lambda _: True)
    assert all(later - earlier == pytest.approx(SPACING) for earlier, later in itertools.pairwise(slots))


def test_a_reservation_finds_room_in_a_minute_that_others_have_used_up() -> None:
    line, now = NOBODY, START
    for _ in range(500):
        now = max(now, line.opens(OPENAPI, reserving=False))
        line = line.granted(OPENAPI, now)
    wait = line.opens(OPENAPI, reserving=True) - now
    assert wait == pytest.approx(SPACING)
    assert line.opens(OPENAPI, reserving=False) - now == pytest.approx(60 / (100 * LONG_SHARE))


def test_nobody_takes_a_slot_before_one_that_is_reserved() -> None:
    line = NOBODY.granted(OPENAPI, START)
    reserved = line.opens(OPENAPI, reserving=True)
    line = line.granted(OPENAPI, reserved)
    assert line.opens(OPENAPI, reserving=False) > reserved


def test_after_refusals_the_spacing_is_wider_and_narrows_again() -> None:
    slow = RateLimit(START, {}, pace=0.5)
    slots = []
    for _ in range(60):
        slots.append(slow.opens((Rate(5, 1),), reserving=True))
        slow = slow.granted((Rate(5, 1),), slots[-1])
    gaps = [later - earlier for earlier, later in itertools.pairwise(slots)]
    assert gaps[0] == pytest.approx(2 * SPACING)
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == pytest.approx(SPACING)
