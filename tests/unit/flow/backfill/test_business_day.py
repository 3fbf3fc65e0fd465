"""Which slices a business day is read in, and what that costs."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from jst.clock import SHANGHAI
from jst.flow.backfill.business_day import Slice, ends, midnight, slices
from jst.flow.backfill.estimate import window_requests
from jst.flow.reading.by_window import PageView, Reading, TooLarge, read_window
from jst.model.module import load_module

DAY = date(2026, 3, 4)
NEXT_NIGHT = datetime(2026, 3, 5, 1, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize("field", ["io_date", "modified"])
def test_sale_outs_are_read_by_both_times_and_no_second_is_left_out(field: str) -> None:
    parts = slices(load_module("sale_out"), DAY, NEXT_NIGHT)
    windows = [part.window for part in parts if part.window is not None and part.window.field == field]
    assert (windows[0].start, windows[-1].end) == (midnight(DAY), ends(DAY))
    assert all(earlier.end == later.start for earlier, later in pairwise(windows))
    assert len({part.label for part in parts}) == len(parts) == 12


def test_after_sales_are_followed_from_the_day_on_for_a_week_at_most() -> None:
    module = load_module("after_sale")
    (_, later) = slices(module, DAY, NEXT_NIGHT)
    assert later.window is not None
    assert (later.window.start, later.window.end) == (ends(DAY), NEXT_NIGHT - timedelta(minutes=1))
    (_, month_later) = slices(module, DAY, NEXT_NIGHT + timedelta(days=30))
    assert month_later.label == later.label
    assert month_later.window is not None
    assert month_later.window.end == midnight(DAY) + timedelta(days=7)


def test_stock_can_be_checked_for_yesterday_only() -> None:
    module = load_module("inventory")
    assert [part.window for part in slices(module, DAY, NEXT_NIGHT)] == [None]
    assert slices(module, DAY, NEXT_NIGHT + timedelta(days=1)) == []


def test_yesterday_is_shanghais() -> None:
    late_in_utc = datetime.fromisoformat("2026-03-04T16:30:00+00:00")
    assert slices(load_module("inventory"), DAY, late_in_utc) != []


@pytest.mark.parametrize("module", ["sale_out", "after_sale", "inventory"])
def test_a_slice_survives_the_trip_through_xcom(module: str) -> None:
    for part in slices(load_module(module), DAY, NEXT_NIGHT):
        assert Slice.from_json(json.loads(json.dumps(part.as_json()))) == part


@pytest.mark.parametrize("records", [0, 7, 25, 26, 1_500, 1_501, 12_000, 100_000])
def test_the_estimate_is_near_what_reading_takes(records: int) -> None:
    def read(first: int, last: int) -> int:
        requests = 0

        def fetch(index: int) -> PageView:
            nonlocal requests
            requests += 1
            rows = range(first + 25 * (index - 1), min(last, first + 25 * index))
            return PageView(tuple(rows), last - first, first + 25 * index < last)

        try:
            reading: Reading = read_window(fetch, 25)
        except TooLarge:
            middle = (first + last) // 2
            return 1 + read(first, middle) + read(middle, last)
        assert reading.proof
        return requests

    taken = read(0, records)
    assert window_requests(records, 25) == pytest.approx(taken, rel=0.03, abs=2)
