"""For how many days is bought: as many purchases as were asked for, spread over SKUs so that little stock is held."""

from __future__ import annotations

import pytest

from jst.replenishment.cycles import FARTHEST, LONGEST_COVER, days_to_cover


def test_skus_that_sell_alike_are_bought_for_what_was_asked() -> None:
    assert days_to_cover([3.0, 3.0, 0.0], 14) == [14, 14, 14]
    assert days_to_cover([0.0], 14) == [14], "of what does not sell nothing is known"


def test_what_sells_fast_is_bought_often_and_what_sells_slowly_seldom() -> None:
    paces, found = (1.0, 4.0, 9.0), days_to_cover([1.0, 4.0, 9.0], 12)
    assert found == [24, 12, 8]
    assert sum(1 / days for days in found) == pytest.approx(3 / 12), "as many purchases"
    bought = sum(pace * days for pace, days in zip(paces, found, strict=True))
    assert bought < 14 * 12, "with less stock"


def test_no_purchase_lasts_much_longer_or_shorter_than_asked_for() -> None:
    slow, *_, fast = days_to_cover([0.001, 1.0, 1.0, 900.0], 12)
    assert (slow, fast) == (12 * FARTHEST, 12 / FARTHEST)
    assert days_to_cover([0.001, 1.0], 60)[0] == LONGEST_COVER
