"""How days are laid out of what was read of them."""

from __future__ import annotations

from datetime import timedelta

from jst.replenishment.gather import history_of
from tests.support.sold_skus import FIRST


def test_days_are_laid_out_with_what_could_be_sold() -> None:
    happened = [
        (FIRST - timedelta(days=1), 0.0, 0, 0.0, 1),
        (FIRST + timedelta(days=1), 3.0, 2, 0.0, 1),
        (FIRST + timedelta(days=2), 0.0, 0, 1.0, 1),
    ]
    past = history_of(FIRST, FIRST + timedelta(days=4), None, happened)
    assert (past.sold, past.lines, past.returned) == ((0, 3, 0, 0), (0, 2, 0, 0), (0, 0, 1, 0))
    assert past.in_stock == (0.5, 0.5, 0, 0.5)
    made = history_of(FIRST, FIRST + timedelta(days=4), FIRST + timedelta(days=2), [])
    assert made.in_stock == (0, 0, 1, 1), "it was not there before it was made"
