"""Metrics of the stock in pandas, from their definitions and not from the SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from tests.support.exact_frames import QTY
from tests.support.exact_sums import Answer, By, keyed, names, over, ratio, rounded, total
from tests.support.second_inputs import Counted


def quantity(column: str, unit: int = QTY, places: int = 4) -> Callable[[Counted, By], Answer]:
    def metric(of: Counted, by: By) -> Answer:
        stock = of.stock(by)
        stock = stock[stock["qty"] >= 0]
        return over(total(stock, by, column) if len(stock) or by else {"": None}, unit, places)

    return metric


def available(of: Counted, by: By) -> Answer:
    stock = of.stock(by)
    stock = stock[stock["qty"] >= 0]
    free = (stock["qty"] - stock["order_lock"]).clip(lower=0)
    return over(total(stock.assign(free=free), by, "free") if len(stock) or by else {"": None}, QTY, 4)


def oversold(of: Counted, by: By) -> Answer:
    stock = of.stock(by)
    short = (stock["order_lock"] - stock["qty"]).clip(lower=0)
    return over(total(stock.assign(short=short), by, "short") if len(stock) or by else {"": None}, QTY, 4)


def below_zero(of: Counted, by: By) -> Answer:
    stock = of.stock(by)
    lacking = stock["qty"].clip(upper=0)
    return over(total(stock.assign(lacking=lacking), by, "lacking") if len(stock) or by else {"": None}, QTY, 4)


def _skus(of: Counted, by: By) -> pd.DataFrame:
    """One row per group and SKU."""
    stock = of.stock(by)
    stock = stock.assign(
        normal=stock["qty"].where(stock["qty"] >= 0, 0), negative=stock["qty"] < 0, group=names(stock, by)
    )
    whole = stock.groupby(["group", "sku_id"])
    skus = whole.agg(qty=("qty", "sum"), normal=("normal", "sum"), negative=("negative", "max"),
                     enabled=("enabled", "max"))  # fmt: skip
    return skus.assign(safety=whole["min_qty"].sum(min_count=1)).reset_index()


def sku_count(chosen: Callable[[pd.DataFrame], pd.Series]) -> Callable[[Counted, By], Answer]:
    def metric(of: Counted, by: By) -> Answer:
        skus = _skus(of, by)
        if not len(skus):
            return {} if by else {"": None}
        hits = chosen(skus).fillna(False).astype(int)
        return over(keyed(hits.groupby(skus["group"]).sum()), 1, 0)

    return metric


def safety(of: Counted, by: By) -> Answer:
    skus = _skus(of, by)
    if not len(skus):
        return {} if by else {"": None}
    return over(keyed(skus.groupby("group")["safety"].sum(min_count=1)), QTY, 4)


def _week(of: Counted, by: By) -> pd.DataFrame:
    """Per group and SKU: closing stock (NA where never seen), quantity and lines shipped in the week, days on sale."""
    place, parts = ["day", "sku_id", "i_id", "category", "wms_co_id"], []
    for day in of.days(by):
        until = day - timedelta(days=1) if day == of.as_of.date() else day
        week = of.shipped[(of.shipped["day"] > until - timedelta(days=7)) & (of.shipped["day"] <= until)]
        sold = week.assign(day=day).groupby(place, as_index=False).agg(sold=("qty", "sum"), lines=("qty", "count"))
        stock = of.stock(["day"])
        stock = stock[stock["day"] == day]
        both = pd.concat([stock.assign(closing=stock["qty"].clip(lower=0))[[*place, "closing"]], sold])
        on_sale = (pd.Timestamp(until) - both["sku_id"].map(of.frames.created).dt.normalize()).dt.days + 1
        parts.append(both.assign(on_sale=on_sale.fillna(7).clip(1, 7)))
    rows = pd.concat(parts)
    skus = rows.assign(group=names(rows, by)).groupby(["group", "sku_id"])
    return pd.DataFrame({"closing": skus["closing"].sum(min_count=1), "sold": skus["sold"].sum(),
                         "lines": skus["lines"].sum(), "on_sale": skus["on_sale"].max()}).reset_index()  # fmt: skip


def turnover(of: Counted, by: By) -> Answer:
    skus = _week(of, by)
    answer: Answer = dict.fromkeys(skus["group"].unique()) if len(skus) else {"": None}
    seen = skus[skus["closing"].notna()].groupby("group")
    sums = pd.DataFrame({"closing": seen["closing"].sum(), "sold": seen["sold"].sum(), "days": seen["on_sale"].max()})
    for group, closing, sold, days in sums.itertuples():
        answer[group] = rounded(closing * days, sold, 2) if sold else None
    return answer


def sell_through(of: Counted, by: By) -> Answer:
    skus = _week(of, by)
    goods, sold, there = skus["sku_id"] != "", skus["lines"] > 0, skus["closing"].fillna(0) > 0
    flags = pd.DataFrame({"sold": sold & goods, "both": (sold | there) & goods, "seen": skus["closing"].notna()})
    sums = flags.astype(int).groupby(skus["group"]).sum()
    answer: Answer = {
        group: rounded(sold, both, 4) if both and seen else None for group, sold, both, seen in sums.itertuples()
    }
    return answer or {"": None}


def days_of_stock(of: Counted, by: By) -> Answer:
    return ratio(total(of.outlook, by, "available"), total(of.outlook, by, "daily"), 2)


def run_out_day(of: Counted, by: By) -> Answer:
    days: dict[str, list[date]] = {} if by else {"": []}
    for group, day in zip(names(of.outlook, by), of.outlook["run_out_on"], strict=True):
        days.setdefault(group, []).extend([day] if day else [])
    first: dict[str, Any] = {group: min(found, default=None) for group, found in days.items()}
    return first
