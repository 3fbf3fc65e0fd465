"""Times as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jst.clock import SHANGHAI
from jst.ledger.titles import advice, amount, clock, lasting, window

NOW = datetime(2026, 11, 26, 18, 53, 32, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 秒"),
        (4.4, "4 秒"),
        (59.6, "1 分"),
        (185, "3 分 5 秒"),
        (1505, "25 分"),
        (7800, "2 小时 10 分"),
        (40000, "11 小时"),
        (273600, "3 天 4 小时"),
    ],
)
def test_a_duration_says_no_more_than_one_needs(seconds: float, said: str) -> None:
    assert lasting(seconds) == said


def test_a_time_says_its_day_when_that_is_not_today() -> None:
    assert clock(NOW, NOW) == "18:53:32"
    assert clock(NOW - timedelta(days=1), NOW) == "11-25 18:53:32"
    assert clock(NOW - timedelta(days=400), NOW) == "2025-10-22 18:53:32"


def test_a_window_over_midnight_says_both_days() -> None:
    assert window(NOW - timedelta(seconds=2), NOW, NOW) == "18:53:30 – 18:53:32"
    midnight = NOW.replace(hour=0, minute=0, second=0)
    assert window(midnight - timedelta(hours=1), midnight, NOW) == "11-25 23:00:00 – 00:00:00"
    before = midnight - timedelta(days=1)
    assert window(before - timedelta(hours=1), before, NOW) == "11-24 23:00:00 – 11-25 00:00:00"


def test_an_amount_loses_nothing() -> None:
    assert amount("9876543.2100") == "9,876,543.21"
    assert amount("0.0000") == "0.00"
    assert amount("1234.5678") == "1,234.5678"


def test_an_errors_sentence_is_parted_into_what_and_do() -> None:
    assert advice("连不上聚水潭。处理：检查网络") == ("连不上聚水潭", "检查网络")
    assert advice("连不上聚水潭") == ("连不上聚水潭", "")
