"""A second implementation of every metric, in pandas and whole numbers, from the definitions and not from the SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from tests.integration.metrics.frames import MONEY, QTY, Frames

RETURNS = ("普通退货", "拒收退货", "退货")
Answer = dict[str, Decimal | None]
By = list[str]


@dataclass(frozen=True, slots=True)
class Second:
    """``answer``: value by the cuts' values joined with ``|`` ('' without a cut)."""

    frames: Frames
    first: date
    last: date
    as_of: datetime  # without zone, Shanghai's

    def answer(self, code: str, by: Sequence[str]) -> Answer:
        return METRICS[code](self, list(by))

    # ---- what is counted

    def days(self, by: By) -> list[date]:
        """Days a level is asked for."""
        if "day" not in by:
            return [self.last]
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def shipped(self) -> pd.DataFrame:
        """Of every day."""
        sales = self.frames.sales
        sales = sales[sales["status"].isin(["Confirmed", "Archive"]) & (sales["qty"] >= 0) & sales["io_date"].notna()]
        return _timed(sales, "io_date")

    def sold(self) -> pd.DataFrame:
        return self._within(self.shipped())

    def after_sales(self) -> pd.DataFrame:
        returns = self.frames.returns
        return returns[(returns["status"] != "已取消") & (returns["qty"] >= 0)]

    def created(self) -> pd.DataFrame:
        return self._within(_timed(self.after_sales(), "created"))

    def refunded(self) -> pd.DataFrame:
        found = self.after_sales()
        return self._within(_timed(found[found["refund_date"].notna()], "refund_date"))

    def waiting(self) -> pd.DataFrame:
        found = self.after_sales()
        return found[found["created"] >= pd.Timestamp(self.as_of) - pd.Timedelta(days=90)]

    def stock(self, by: By) -> pd.DataFrame:
        stock = self.frames.stock
        return stock[stock["day"].isin(self.days(by)) & (stock["day"] <= self.as_of.date())]

    def _within(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["day"] >= self.first) & (frame["day"] <= self.last)]


def _timed(frame: pd.DataFrame, axis: str) -> pd.DataFrame:
    return frame.assign(day=frame[axis].dt.date, hour=frame[axis].dt.hour)


# ---- how it is put together: whole numbers by group, then one division


def total(frame: pd.DataFrame, by: By, column: str) -> dict[str, Any]:
    """Sums by group; None where nothing is known."""
    if not by:
        return {"": _known(frame[column].sum(min_count=1)) if len(frame) else 0}
    return _keyed(frame.groupby(by)[column].sum(min_count=1))


def distinct(frame: pd.DataFrame, by: By, column: str) -> dict[str, Any]:
    if not by:
        return {"": frame[column].nunique()}
    return _keyed(frame.groupby(by)[column].nunique())


def _keyed(series: pd.Series) -> dict[str, Any]:
    keys = [key if isinstance(key, tuple) else (key,) for key in series.index]
    return {"|".join(map(str, key)): _known(value) for key, value in zip(keys, series, strict=True)}


def _known(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def over(numbers: Mapping[str, int | None], unit: int, places: int) -> Answer:
    """``numbers`` in parts of which ``unit`` are one."""
    return {key: None if value is None else rounded(value, unit, places) for key, value in numbers.items()}


def ratio(above: dict[str, Any], below: dict[str, Any], places: int, unit: float = 1) -> Answer:
    """Group by group; ``unit``: how many of above's parts are one of below's."""
    keys = {*above, *below}
    return {
        key: rounded(above.get(key) or 0, (below.get(key) or 0) * unit, places) if below.get(key) else None
        for key in keys
    }


def rounded(number: float, unit: float, places: int) -> Decimal:
    """Half away from zero."""
    above, below = int(number) * 10**places, int(unit)
    whole = (2 * abs(above) + below) // (2 * below)
    return Decimal(whole if above >= 0 else -whole).scaleb(-places)


def missing_are_zero(part: dict[str, Any], all_groups: pd.DataFrame, by: By) -> dict[str, Any]:
    """Groups that are there, though nothing of this kind is in them."""
    return dict.fromkeys(distinct(all_groups, by, all_groups.columns[0]), 0) | part


# ---- stock


def _quantity(column: str, unit: int = QTY, places: int = 4) -> Callable[[Second, By], Answer]:
    def metric(of: Second, by: By) -> Answer:
        stock = of.stock(by)
        stock = stock[stock["qty"] >= 0]
        return over(total(stock, by, column) if len(stock) or by else {"": None}, unit, places)

    return metric


def _available(of: Second, by: By) -> Answer:
    stock = of.stock(by)
    stock = stock[stock["qty"] >= 0]
    free = (stock["qty"] - stock["order_lock"]).clip(lower=0)
    return over(total(stock.assign(free=free), by, "free") if len(stock) or by else {"": None}, QTY, 4)


def _oversold(of: Second, by: By) -> Answer:
    stock = of.stock(by)
    short = (stock["order_lock"] - stock["qty"]).clip(lower=0)
    return over(total(stock.assign(short=short), by, "short") if len(stock) or by else {"": None}, QTY, 4)


def _skus(of: Second, by: By) -> pd.DataFrame:
    """One row per group and SKU."""
    stock = of.stock(by)
    stock = stock.assign(
        normal=stock["qty"].where(stock["qty"] >= 0, 0), negative=stock["qty"] < 0, group=_names(stock, by)
    )
    whole = stock.groupby(["group", "sku_id"])
    skus = whole.agg(qty=("qty", "sum"), normal=("normal", "sum"), negative=("negative", "max"),
                     enabled=("enabled", "max"))  # fmt: skip
    return skus.assign(safety=whole["min_qty"].sum(min_count=1)).reset_index()


def _names(frame: pd.DataFrame, by: By) -> list[str]:
    return ["|".join(map(str, key)) for key in zip(*(frame[cut] for cut in by), strict=True)] if by else [""] * len(frame)


def _sku_count(chosen: Callable[[pd.DataFrame], pd.Series]) -> Callable[[Second, By], Answer]:
    def metric(of: Second, by: By) -> Answer:
        skus = _skus(of, by)
        if not len(skus):
            return {} if by else {"": None}
        hits = chosen(skus).fillna(False).astype(int)
        return over(_keyed(hits.groupby(skus["group"]).sum()), 1, 0)

    return metric


def _week(of: Second, by: By) -> pd.DataFrame:
    """Per group and SKU: closing stock (NA where never seen), quantity and lines shipped in the week, days on sale."""
    parts, shipped = [], of.shipped()
    for day in of.days(by):
        until = day - timedelta(days=1) if day == of.as_of.date() else day
        week = shipped[(shipped["day"] > until - timedelta(days=7)) & (shipped["day"] <= until)].assign(day=day)
        stock = of.frames.stock[of.frames.stock["day"] == day]
        stock = stock.assign(closing=stock["qty"].clip(lower=0))
        both = pd.concat([stock[["day", "sku_id", "i_id", "category", "wms_co_id", "closing"]],
                          week[["day", "sku_id", "i_id", "category", "wms_co_id", "qty"]]])  # fmt: skip
        on_sale = (pd.Timestamp(until) - both["sku_id"].map(of.frames.created).dt.normalize()).dt.days + 1
        parts.append(both.assign(on_sale=on_sale.fillna(7).clip(1, 7)))
    rows = pd.concat(parts)
    rows = rows.assign(group=_names(rows, by))
    skus = rows.groupby(["group", "sku_id"])
    return pd.DataFrame({"closing": skus["closing"].sum(min_count=1), "sold": skus["qty"].sum(),
                         "lines": skus["qty"].count(), "on_sale": skus["on_sale"].max()}).reset_index()  # fmt: skip


def _turnover(of: Second, by: By) -> Answer:
    skus = _week(of, by)
    answer: Answer = dict.fromkeys(skus["group"].unique()) if len(skus) else {"": None}
    seen = skus[skus["closing"].notna()]
    for group, part in seen.groupby("group"):
        sold = part["sold"].sum()
        answer[str(group)] = rounded(part["closing"].sum() * part["on_sale"].max(), sold, 2) if sold else None
    return answer


def _sell_through(of: Second, by: By) -> Answer:
    answer: Answer = {}
    for group, part in _week(of, by).groupby("group"):
        goods = part[part["sku_id"] != ""]
        sold, both = (goods["lines"] > 0).sum(), ((goods["lines"] > 0) | (goods["closing"].fillna(0) > 0)).sum()
        answer[str(group)] = rounded(sold, both, 4) if both and part["closing"].notna().any() else None
    return answer or {"": None}


# ---- sale-out


def _sold(column: str) -> Callable[[Second, By], Answer]:
    unit, places = (QTY, 4) if column == "qty" else (MONEY, 2)
    return lambda of, by: over(total(of.sold(), by, column), unit, places)


def _both(of: Second) -> tuple[pd.DataFrame, pd.DataFrame]:
    return of.sold(), of.refunded()


def _net(of: Second, by: By) -> Answer:
    sold, refunded = _both(of)
    parts = (total(sold, by, "paid_amount"), total(sold, by, "platform_fee"), total(refunded, by, "refund_amount"))
    keys = {key for part in parts for key in part}
    return over({key: (p := [part.get(key, 0) for part in parts])[0] - p[1] - p[2] for key in keys}, MONEY, 2)


def _sold_skus(of: Second, by: By) -> Answer:
    sold = of.sold()
    return over(missing_are_zero(distinct(sold[sold["sku_id"] != ""], by, "sku_id"), sold, by), 1, 0)


def _lead(of: Second, by: By) -> Answer:
    sold = of.sold()
    orders = sold.drop_duplicates([*by, "io_id"])
    seconds = (orders["io_date"] - orders["pay_date"].fillna(orders["created"])).dt.total_seconds()
    orders = orders.assign(seconds=seconds)[lambda frame: frame["seconds"] >= 0]
    return _averaged(orders, by, "seconds", sold)


def _averaged(orders: pd.DataFrame, by: By, column: str, groups: pd.DataFrame) -> Answer:
    """Hours, of seconds."""
    counts = missing_are_zero(distinct(orders.assign(n=range(len(orders))), by, "n"), groups, by)
    return ratio(total(orders, by, column), counts, 2, 3600)


def _day_over_day(of: Second, by: By) -> Answer:
    shipped, parts = of.shipped(), []
    for day in of.days(by):
        for back in (0, 1):
            part = shipped[shipped["day"] == day - timedelta(days=back)]
            if day == of.as_of.date():
                part = part[part["io_date"] <= pd.Timestamp(of.as_of - timedelta(days=back))]
            amount = {"now": part["out_amount"] * (1 - back), "before": part["out_amount"] * back}
            parts.append(part.assign(day=day, **amount))
    rows = pd.concat(parts)
    return {
        key: None if value is None else value - 1
        for key, value in ratio(total(rows, by, "now"), total(rows, by, "before"), 4).items()
    }


# ---- after-sale


def _kinds(*types: str) -> Callable[[Second, By], Answer]:
    def metric(of: Second, by: By) -> Answer:
        created = of.created()
        hits = created[created["type"].isin(types)]
        return over(missing_are_zero(distinct(hits, by, "as_id"), created, by), 1, 0)

    return metric


def _in_state(state: str) -> Callable[[Second, By], Answer]:
    def metric(of: Second, by: By) -> Answer:
        waiting = of.waiting()
        hits = waiting[waiting["status"] == state]
        return over(missing_are_zero(distinct(hits, by, "as_id"), waiting, by), 1, 0)

    return metric


def _handle(of: Second, by: By) -> Answer:
    created = of.created()
    orders = created[created["refund_date"].notna()].drop_duplicates([*by, "as_id"])
    seconds = (orders["refund_date"] - orders["created"]).dt.total_seconds()
    return _averaged(orders.assign(seconds=seconds), by, "seconds", orders)


def _quality(of: Second, by: By) -> Answer:
    created = of.created()
    hits = distinct(created[created["is_quality"] == 1], by, "as_id")
    return ratio(hits, distinct(created, by, "as_id"), 4)


def _rate(of: Second, by: By) -> Answer:
    sold, refunded = _both(of)
    return ratio(distinct(refunded, by, "as_id"), distinct(sold, by, "io_id"), 4)


def _amount_rate(of: Second, by: By) -> Answer:
    sold, refunded = _both(of)
    return ratio(total(refunded, by, "refund_amount"), total(sold, by, "out_amount"), 4)


def _cohort(of: Second, by: By) -> Answer:
    sold = of.sold()
    orders = sold.drop_duplicates("io_id")[["io_id", "o_id", "shop_id", "platform", "wms_co_id", "day", "hour"]]
    refunds = of.after_sales()
    refunds = refunds[refunds["refund_date"] <= pd.Timestamp(of.as_of)][["io_id", "o_id", "sku_id", "i_id", "category"]]
    named, unnamed = refunds[refunds["io_id"] != ""], refunds[refunds["io_id"] == ""]
    back = pd.concat([named.drop(columns="o_id").merge(orders, on="io_id"),
                      unnamed.drop(columns="io_id").merge(orders, on="o_id")])  # fmt: skip
    shipped = {(name, io) for name, io in zip(_names(sold, by), sold["io_id"], strict=True)}
    came_back = {(name, io) for name, io in zip(_names(back, by), back["io_id"], strict=True)} & shipped
    answer: dict[str, list[int]] = {}
    for pair in shipped:
        counted = answer.setdefault(pair[0], [0, 0])
        counted[0] += pair in came_back
        counted[1] += 1
    return {key: rounded(*counted, 4) for key, counted in answer.items()} or ({} if by else {"": None})


METRICS: dict[str, Callable[[Second, By], Answer]] = {
    "stock_qty": _quantity("qty"),
    "available_qty": _available,
    "order_lock_qty": _quantity("order_lock"),
    "pick_lock_qty": _quantity("pick_lock"),
    "in_transit_qty": _quantity("purchase_qty"),
    "return_stock_qty": _quantity("return_qty"),
    "defective_qty": _quantity("defective_qty"),
    "virtual_qty": _quantity("virtual_qty"),
    "stock_value": _quantity("stock_value", MONEY, 2),
    "in_stock_sku_count": _sku_count(lambda skus: skus["normal"] > 0),
    "out_of_stock_sku_count": _sku_count(lambda skus: skus["enabled"] & (skus["qty"] <= 0)),
    "below_safety_sku_count": _sku_count(lambda skus: skus["qty"] < skus["safety"]),
    "turnover_days": _turnover,
    "sell_through_sku_rate": _sell_through,
    "out_order_count": lambda of, by: over(distinct(of.sold(), by, "io_id"), 1, 0),
    "out_qty": _sold("qty"),
    "out_amount": _sold("out_amount"),
    "gmv": _sold("gmv"),
    "discount_amount": _sold("discount_amount"),
    "paid_amount": _sold("paid_amount"),
    "freight_amount": _sold("freight_amount"),
    "platform_fee": _sold("platform_fee"),
    "net_receipt": _net,
    "avg_order_value": lambda of, by: ratio(
        total(of.sold(), by, "paid_amount"), distinct(of.sold(), by, "io_id"), 2, MONEY
    ),
    "units_per_order": lambda of, by: ratio(total(of.sold(), by, "qty"), distinct(of.sold(), by, "io_id"), 2, QTY),
    "sold_sku_count": _sold_skus,
    "ship_lead_hours": _lead,
    "out_amount_day_over_day": _day_over_day,
    "after_sale_count": lambda of, by: over(distinct(of.created(), by, "as_id"), 1, 0),
    "refund_order_count": lambda of, by: over(distinct(of.refunded(), by, "as_id"), 1, 0),
    "refund_amount": lambda of, by: over(total(of.refunded(), by, "refund_amount"), MONEY, 2),
    "after_sale_rate": _rate,
    "refund_amount_rate": _amount_rate,
    "return_qty": lambda of, by: over(total(of.created(), by, "return_qty"), QTY, 4),
    "exchange_count": _kinds("换货"),
    "refund_only_count": _kinds("仅退款"),
    "return_refund_count": _kinds(*RETURNS),
    "pending_review_count": _in_state("待审核"),
    "received_count": _in_state("已收货"),
    "avg_refund_amount": lambda of, by: ratio(
        total(of.refunded(), by, "refund_amount"), distinct(of.refunded(), by, "as_id"), 2, MONEY
    ),
    "avg_handle_hours": _handle,
    "quality_issue_rate": _quality,
    "oversold_qty": _oversold,
    "negative_stock_sku_count": _sku_count(lambda skus: skus["negative"]),
    "after_sale_rate_cohort": _cohort,
}
