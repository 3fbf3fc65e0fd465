"""A second implementation of every metric, in pandas and whole numbers, from the definitions and not from the SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pandas as pd

from tests.support import second_forecast_metrics as forecast
from tests.support import second_stock_metrics as stock
from tests.support.exact_frames import MONEY, QTY
from tests.support.exact_sums import Answer, By, distinct, keyed, missing_are_zero, names, over, ratio, rounded, total
from tests.support.second_inputs import Counted

RETURNS = ("普通退货", "拒收退货", "退货")


# ---- sale-out


def _sold(column: str) -> Callable[[Counted, By], Answer]:
    unit, places = (QTY, 4) if column == "qty" else (MONEY, 2)
    return lambda of, by: over(total(of.sold, by, column), unit, places)


def _both(of: Counted) -> tuple[pd.DataFrame, pd.DataFrame]:
    return of.sold, of.refunded


def _net(of: Counted, by: By) -> Answer:
    sold, refunded = _both(of)
    parts = (total(sold, by, "paid_amount"), total(sold, by, "platform_fee"), total(refunded, by, "refund_amount"))
    keys = {key for part in parts for key in part}
    return over({key: (p := [part.get(key, 0) for part in parts])[0] - p[1] - p[2] for key in keys}, MONEY, 2)


def _margin(of: Counted, by: By) -> Answer:
    sold, refunded = _both(of)
    sold = sold.assign(left=sold["out_amount"] - sold["cost"].fillna(0) - sold["platform_fee"])
    left, back = total(sold, by, "left"), total(refunded, by, "refund_amount")
    return over({key: left.get(key, 0) - back.get(key, 0) for key in {*left, *back}}, MONEY, 2)


def _known_share(of: Counted, by: By) -> Answer:
    sold, refunded = _both(of)
    known = total(sold[sold["cost"].notna()], by, "out_amount")
    return dict.fromkeys(total(refunded, by, "refund_amount")) | ratio(known, total(sold, by, "out_amount"), 4)


def _sold_skus(of: Counted, by: By) -> Answer:
    sold = of.sold
    return over(missing_are_zero(distinct(sold[sold["sku_id"] != ""], by, "sku_id"), sold, by), 1, 0)


def _lead(of: Counted, by: By) -> Answer:
    sold = of.sold
    orders = sold.drop_duplicates([*by, "io_id"])
    seconds = (orders["io_date"] - orders["pay_date"].fillna(orders["created"])).dt.total_seconds()
    orders = orders.assign(seconds=seconds)
    return _averaged(orders[orders["seconds"] >= 0], by, "seconds", sold)


def _minutes_since(of: Counted, by: By) -> Answer:
    passed = (pd.Timestamp(of.as_of) - of.sold["io_date"]).dt.total_seconds() // 60
    sold = of.sold.assign(minutes=passed.clip(lower=0))
    least = keyed(sold.groupby(by)["minutes"].min()) if by else {"": int(sold["minutes"].min()) if len(sold) else None}
    return over(least, 1, 0)


def _averaged(orders: pd.DataFrame, by: By, column: str, groups: pd.DataFrame) -> Answer:
    """Hours, of seconds."""
    counts = missing_are_zero(distinct(orders.assign(n=range(len(orders))), by, "n"), groups, by)
    return ratio(total(orders, by, column), counts, 2, 3600)


def _day_over_day(of: Counted, by: By) -> Answer:
    shipped, parts = of.shipped, []
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


def _kinds(*types: str) -> Callable[[Counted, By], Answer]:
    def metric(of: Counted, by: By) -> Answer:
        created = of.created
        hits = created[created["type"].isin(types)]
        return over(missing_are_zero(distinct(hits, by, "as_id"), created, by), 1, 0)

    return metric


def _in_state(state: str) -> Callable[[Counted, By], Answer]:
    def metric(of: Counted, by: By) -> Answer:
        waiting = of.waiting
        hits = waiting[waiting["status"] == state]
        return over(missing_are_zero(distinct(hits, by, "as_id"), waiting, by), 1, 0)

    return metric


def _handle(of: Counted, by: By) -> Answer:
    created = of.created
    orders = created[created["refund_date"].notna()].drop_duplicates([*by, "as_id"])
    seconds = (orders["refund_date"] - orders["created"]).dt.total_seconds()
    return _averaged(orders.assign(seconds=seconds), by, "seconds", orders)


def _quality(of: Counted, by: By) -> Answer:
    created = of.created
    hits = distinct(created[created["is_quality"] == 1], by, "as_id")
    return ratio(hits, distinct(created, by, "as_id"), 4)


def _rate(of: Counted, by: By) -> Answer:
    sold, refunded = _both(of)
    return ratio(distinct(refunded, by, "as_id"), distinct(sold, by, "io_id"), 4)


def _amount_rate(of: Counted, by: By) -> Answer:
    sold, refunded = _both(of)
    return ratio(total(refunded, by, "refund_amount"), total(sold, by, "out_amount"), 4)


def _cohort(of: Counted, by: By) -> Answer:
    sold = of.sold
    orders = sold.drop_duplicates("io_id")[["io_id", "o_id", "shop_id", "platform", "wms_co_id", "day", "hour"]]
    refunds = of.after_sales
    refunds = refunds[refunds["refund_date"] <= pd.Timestamp(of.as_of)][["io_id", "o_id", "sku_id", "i_id", "category"]]
    named, unnamed = refunds[refunds["io_id"] != ""], refunds[refunds["io_id"] == ""]
    back = pd.concat([named.drop(columns="o_id").merge(orders, on="io_id"),
                      unnamed.drop(columns="io_id").merge(orders, on="o_id")])  # fmt: skip
    shipped = {(name, io) for name, io in zip(names(sold, by), sold["io_id"], strict=True)}
    came_back = {(name, io) for name, io in zip(names(back, by), back["io_id"], strict=True)} & shipped
    answer: dict[str, list[int]] = {}
    for pair in shipped:
        counted = answer.setdefault(pair[0], [0, 0])
        counted[0] += pair in came_back
        counted[1] += 1
    return {key: rounded(counted[0], counted[1], 4) for key, counted in answer.items()} or ({} if by else {"": None})


METRICS: dict[str, Callable[[Counted, By], Answer]] = {
    "stock_qty": stock.quantity("qty"),
    "available_qty": stock.available,
    "order_lock_qty": stock.quantity("order_lock"),
    "pick_lock_qty": stock.quantity("pick_lock"),
    "in_transit_qty": stock.quantity("purchase_qty"),
    "return_stock_qty": stock.quantity("return_qty"),
    "defective_qty": stock.quantity("defective_qty"),
    "virtual_qty": stock.quantity("virtual_qty"),
    "stock_value": stock.quantity("stock_value", MONEY, 2),
    "in_stock_sku_count": stock.sku_count(lambda skus: skus["normal"] > 0),
    "out_of_stock_sku_count": stock.sku_count(lambda skus: skus["enabled"] & (skus["qty"] <= 0)),
    "below_safety_sku_count": stock.sku_count(lambda skus: skus["qty"] < skus["safety"]),
    "turnover_days": stock.turnover,
    "sell_through_sku_rate": stock.sell_through,
    "out_order_count": lambda of, by: over(distinct(of.sold, by, "io_id"), 1, 0),
    "out_qty": _sold("qty"),
    "out_amount": _sold("out_amount"),
    "gmv": _sold("gmv"),
    "discount_amount": _sold("discount_amount"),
    "paid_amount": _sold("paid_amount"),
    "freight_amount": _sold("freight_amount"),
    "platform_fee": _sold("platform_fee"),
    "net_receipt": _net,
    "avg_order_value": lambda of, by: ratio(
        total(of.sold, by, "paid_amount"), distinct(of.sold, by, "io_id"), 2, MONEY
    ),
    "units_per_order": lambda of, by: ratio(total(of.sold, by, "qty"), distinct(of.sold, by, "io_id"), 2, QTY),
    "sold_sku_count": _sold_skus,
    "ship_lead_hours": _lead,
    "out_amount_day_over_day": _day_over_day,
    "minutes_since_shipped": _minutes_since,
    "after_sale_count": lambda of, by: over(distinct(of.created, by, "as_id"), 1, 0),
    "refund_order_count": lambda of, by: over(distinct(of.refunded, by, "as_id"), 1, 0),
    "refund_amount": lambda of, by: over(total(of.refunded, by, "refund_amount"), MONEY, 2),
    "after_sale_rate": _rate,
    "refund_amount_rate": _amount_rate,
    "return_qty": lambda of, by: over(total(of.created, by, "return_qty"), QTY, 4),
    "exchange_count": _kinds("换货"),
    "refund_only_count": _kinds("仅退款"),
    "return_refund_count": _kinds(*RETURNS),
    "pending_review_count": _in_state("待审核"),
    "received_count": _in_state("已收货"),
    "avg_refund_amount": lambda of, by: ratio(
        total(of.refunded, by, "refund_amount"), distinct(of.refunded, by, "as_id"), 2, MONEY
    ),
    "avg_handle_hours": _handle,
    "quality_issue_rate": _quality,
    "oversold_qty": stock.oversold,
    "negative_stock_sku_count": stock.sku_count(lambda skus: skus["negative"]),
    "after_sale_rate_cohort": _cohort,
    "negative_qty": stock.below_zero,
    "safety_qty": stock.safety,
    "days_of_stock": stock.days_of_stock,
    "run_out_day": stock.run_out_day,
    "gross_margin": _margin,
    "known_cost_share": _known_share,
    "forecast_out_amount": forecast.amount,
    "forecast_low_amount": forecast.end(-1),
    "forecast_high_amount": forecast.end(1),
    "forecast_accuracy": forecast.accuracy,
    "forecast_incomplete": forecast.incomplete,
}
