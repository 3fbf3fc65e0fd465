"""What the backtest prints: errors by series and method, how honest the band is, what the running day adds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from math import sqrt

from bench.forecast.backtest import PLAIN, Backtest
from jst.forecast.band import GUESS, measured
from jst.forecast.candidate import PUBLISHED, TOTAL, wape
from jst.forecast.forecast_store import PublishedHour
from jst.forecast.today import Today, misled

METHODS = (*PLAIN, "last_week", "profile", "day_total", "prophet", PUBLISHED)
ROUNDING = 1e-9
HOURS_LOOKED_AT = (9, 12, 15, 18)
SETS = 20


def by_series(test: Backtest) -> bool:
    """Print WAPE by series and method; returns whether the published one is worse than the better baseline anywhere, or
    not better in total."""
    counted = test.counted()
    print("\nWAPE，按小时 | " + " | ".join(METHODS) + " | 发布用的方法")
    worse = list[str]()
    sums = dict.fromkeys(METHODS, 0.0)
    for series, methods in counted.items():
        errors = {method: wape(methods[method]) for method in METHODS if methods.get(method)}
        best = min(error for method in ("last_week", "profile", *PLAIN) if (error := errors.get(method)) is not None)
        published = errors[PUBLISHED] or 0.0
        if published > best + ROUNDING:
            worse.append(f"{series}：{published:.2%} 大于 {best:.2%}")
        for method in METHODS:
            sums[method] += sum(each.error for each in methods.get(method) or methods[PUBLISHED]) * (series != TOTAL)
        chosen = "、".join(f"{name} {days} 天" for name, days in Counter(test.chosen(series)).most_common())
        print(f"{series} | {_cells(errors)} | {chosen}")
    shipped = sum(sum(each.actual or ()) for each in counted[TOTAL][PUBLISHED])
    together = {method: error / shipped for method, error in sums.items()}
    print(f"各店铺合在一起 | {_cells(together)} |")
    _by_kind(test)
    total = {method: wape(counted[TOTAL][method]) for method in METHODS if counted[TOTAL].get(method)}
    better = min(total[method] or 0.0 for method in ("last_week", "profile"))
    not_better = (total[PUBLISHED] or 0.0) >= better
    print(f"\n比更好的基线差的组：{'；'.join(worse) or '无'}；合计{'没有' if not_better else ''}更好")
    return bool(worse) or not_better


def _by_kind(test: Backtest) -> None:
    """Print the total's errors on ordinary days, promo days and the seven days after them."""
    special = {each.day for each in test.found if test.promos.of(each.day)}
    after = {
        day for day in {each.day for each in test.found} - special if any(0 < (day - s).days <= 7 for s in special)
    }
    for title, keep in (
        ("平日", lambda day: day not in special and day not in after), ("大促日", special.__contains__),
        ("大促之后 7 天", after.__contains__),
    ):  # fmt: skip
        of_total = test.counted()[TOTAL]
        errors = {m: wape(each for each in of_total[m] if keep(each.day)) for m in METHODS if of_total.get(m)}
        print(f"全部，{title} | {_cells(errors)} |")


def bands(test: Backtest) -> None:
    """Print how often the band holds what came: of hours and days, of the total, of single shops, of sets of them."""
    rng, held = random.Random(1), dict[str, list[bool]]()
    for day in sorted(each for each in test.stands if each >= test.first):
        stand = test.stands[day]
        if stand.occasion:
            continue
        rows = list(Today(stand, test.published(day), measured(test.published_before(day)), 0).rows())
        shops = sorted({row.shop.shop_id for row in rows})
        sets = {"全部": [shops], "一个店铺": [[shop] for shop in shops]}
        sets["任意几个店铺"] = [rng.sample(shops, rng.randint(2, len(shops))) for _ in range(SETS)]
        for title, chosen in sets.items():
            for among in chosen:
                of_set = [row for row in rows if row.shop.shop_id in among]
                was = test.history.on(among, day)
                for hour in range(24):
                    held.setdefault(f"{title}，每小时", []).append(
                        _holds([r for r in of_set if r.hour == hour], was[hour])
                    )
                held.setdefault(f"{title}，全天", []).append(_holds(of_set, sum(was)))
    print("\n80 % 区间实际包住：" + "；".join(f"{title} {sum(of) / len(of):.0%}" for title, of in held.items()))


def _holds(rows: Sequence[PublishedHour], was: float) -> bool:
    by_hour: dict[int, float] = {}
    for row in rows:
        by_hour[row.hour] = by_hour.get(row.hour, 0.0) + row.hour_error
    variance = sum(row.own for row in rows) + sum(each * each for each in by_hour.values())
    shared = sum(row.day_error for row in rows)
    return abs(was - sum(row.amount for row in rows)) <= 1.2816 * sqrt(variance + shared * shared)


def rest_of_days(test: Backtest) -> None:
    """Print what the rest of a day is off by, as midnight said it and scaled by what has happened."""
    print("\n当天其余小时的 WAPE（零点的预测 → 按当天实际调整）")
    for title, promo in (("平日", False), ("大促日", True)):
        cells = []
        for hours in HOURS_LOOKED_AT:
            plain = scaled = shipped = 0.0
            for day in (each for each in test.stands if each >= test.first):
                stand = test.stands[day]
                if (stand.occasion is not None) != promo:
                    continue
                published, before = test.published(day), test.published_before(day)
                rows = list(Today(stand, published, GUESS, hours, misled(before, hours)).rows())
                was = test.history.on(test.history.shops, day)
                for hour in range(hours, 24):
                    at = [row for row in rows if row.hour == hour]
                    plain += abs(was[hour] - sum(row.at_midnight for row in at))
                    scaled += abs(was[hour] - sum(row.amount for row in at))
                    shipped += was[hour]
            cells.append(f"{hours} 点 {plain / shipped:.1%} → {scaled / shipped:.1%}" if shipped else "—")
        print(f"{title}：{'，'.join(cells)}")


def _cells(errors: Mapping[str, float | None]) -> str:
    return " | ".join("—" if (error := errors.get(method)) is None else f"{error:.2%}" for method in METHODS)
