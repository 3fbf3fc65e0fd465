"""How far forecasts are off, and what a run costs: ``python -m bench.forecast``.

Every day of a month is forecast as at its midnight by every method, from what lies before it, on what the rhythmic
sandbox sells; the published one is chosen as the product chooses it. A promo day, its lead and the days after it are
within the month. Starts no servers. Exit code 0; 1 when what is published is worse than the better baseline on a
series, or not better in total.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from bench.forecast.backtest import Backtest
from bench.forecast.demand import past
from bench.forecast.figures import bands, by_series, rest_of_days
from jst.forecast.history import DAY, Coverage, SalesHistory, midnight
from jst.forecast.midnight import Midnight
from jst.forecast.promos import load_promos
from jst.forecast.prophet_model import prophet_model

LAST = date(2026, 11, 19)
DAYS, BEFORE, HISTORY = 30, 14, 56
PER_HOUR, SHOPS = 2_000.0, 40


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        "bench.forecast", description="预测误差（滚动回测 30 天 × 24 小时）与一次运行的开销"
    )
    parser.add_argument("--orders-per-hour", type=float, default=PER_HOUR, metavar="单数")
    parser.add_argument("--shops", type=int, default=SHOPS, metavar="店铺数")
    parser.add_argument("--last-year", action="store_true", help="历史里有去年同日")
    parser.add_argument("--one-run", action="store_true", help="只算一次，报告它用的处理器时间与内存")
    options = parser.parse_args(arguments)
    if options.one_run:
        return _one_run(options.orders_per_hour, options.shops)
    first = LAST - (DAYS + BEFORE + HISTORY - 1) * DAY
    history = _history(first, LAST, options.orders_per_hour, options.shops)
    if options.last_year:
        history = _with_last_year(history, options.orders_per_hour, options.shops)
    print(f"{first} … {LAST}，{options.shops} 个店铺，平均每小时 {options.orders_per_hour:,.0f} 单", flush=True)
    test = Backtest(history, load_promos(), prophet_model(), LAST - (DAYS - 1) * DAY, BEFORE)
    began = time.monotonic()
    for day in test.run():
        print(f"  {day} {time.monotonic() - began:.0f} 秒", file=sys.stderr, flush=True)
    worse = by_series(test)
    bands(test)
    rest_of_days(test)
    again = [sys.executable, "-m", "bench.forecast", "--one-run", "--shops", str(options.shops)]
    subprocess.run([*again, "--orders-per-hour", str(options.orders_per_hour)], check=True)
    return int(worse)


def _history(first: date, last: date, per_hour: float, shops: int) -> SalesHistory:
    return past(first, last, per_hour, shops, load_promos())


def _with_last_year(history: SalesHistory, per_hour: float, shops: int) -> SalesHistory:
    """Add last year's autumn; the months between are not known."""
    first, last = date(2025, 9, 20), date(2025, 11, 20)
    other = past(first, last, per_hour, shops, load_promos()).shops
    both = {
        shop_id: replace(
            shop,
            amounts={**other[shop_id].amounts, **shop.amounts},
            orders={**other[shop_id].orders, **shop.orders},
        )
        for shop_id, shop in history.shops.items()
    }
    days = (min(history.days) - last).days
    unknown = frozenset(last + n * DAY for n in range(1, days))
    return replace(history, shops=both, coverage=Coverage(midnight(first), history.coverage.until, unknown))


def _one_run(per_hour: float, shops: int) -> int:
    history = _history(LAST - HISTORY * DAY, LAST, per_hour, shops)
    before, began = _used(), time.monotonic()
    stand = Midnight.of(history, LAST + DAY, load_promos())
    said = list(stand.candidates(stand.names, prophet_model()))
    print(
        f"一次运行（{shops} 个店铺，{len({each.series for each in said})} 组，{len(said)} 个预测）："
        f"{_used() - before:.1f} 核秒，{time.monotonic() - began:.1f} 秒，"
        f"内存峰值 {_most(RUSAGE_SELF):.0f} MB，子进程 {_most(RUSAGE_CHILDREN):.0f} MB"
    )
    return 0


def _used() -> float:
    usages = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _most(who: int) -> float:
    return getrusage(who).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
