"""销售出库: how an outbound order is born and what may happen to it later."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from local.sandbox.kinds.ids import Ids
from local.sandbox.kinds.kind import Kind
from local.sandbox.kinds.wheel import Wheel
from local.sandbox.rows import Row
from local.sandbox.times import beijing
from local.sandbox.world import (
    CARRIERS,
    COMPANY,
    GIVEN_NAMES,
    REGIONS,
    SHOP_WEIGHTS,
    SHOPS,
    SURNAMES,
    WAREHOUSE_WEIGHTS,
    WAREHOUSES,
)

KIND = Kind("sale_out", key=("io_id", "o_id"), other_id="o_id", line_key="ioi_id")
CENT = Decimal("0.01")
ZERO = Decimal("0.00")
VANISH = 0.035
"""Share of updates that try to drop a line: as most orders have only one, about 1.5 % of all updates do."""
AFTER_SALES = 0.05
"""Share of shipped orders that get an after-sale order."""

PICKING = 3.0
"""Seconds between an order's release to picking and its shipping."""

_SHOP = Wheel(SHOPS, SHOP_WEIGHTS)
_WAREHOUSE = Wheel(WAREHOUSES, WAREHOUSE_WEIGHTS)
_ORDER_TYPE = Wheel(("普通订单", "补发订单", "换货订单", "分销Plus"), (93, 3, 3, 1))
_LABELS = Wheel(("", "加急", "大促,加急"), (90, 7, 3))
_MESSAGE = Wheel(("", "请打 {}", "尽快发货"), (90, 3, 7))
_FREIGHT = Wheel((0, 8, 12), (80, 15, 5))
_LINES = Wheel((0, 1, 2, 3, 4), (0.3, 62, 23, 10, 5))
_QTY = Wheel((1, 2, 3, 10, -1), (86, 9, 3.8, 1, 0.2))

Goods = Counter[tuple[str, int, str]]
"""What documents do to the stock: (sku_id, warehouse, field of the inventory row) → quantity."""


def born(rng: random.Random, ids: Ids, skus: list[Row], now: float) -> Row:
    """Return a new order with one line per SKU; ``now`` is Unix seconds."""
    serial = ids.serial("order", now)
    shop_id, shop_name, _ = _SHOP.turn(rng)
    wms_co_id, warehouse = _WAREHOUSE.turn(rng)
    row: Row = {
        "io_id": ids.document("CK", serial),
        "o_id": ids.document("SO", serial),
        "so_id": f"{shop_id}20{serial}",
        "co_id": COMPANY,
        "shop_id": shop_id,
        "shop_name": shop_name,
        "status": "WaitConfirm",
        "order_type": _ORDER_TYPE.turn(rng),
        "created": beijing(now),
        "modified": beijing(now),
        "io_date": None,
        "pay_date": beijing(now - rng.uniform(5, 600)),
        "wms_co_id": wms_co_id,
        "warehouse": warehouse,
        "labels": _LABELS.turn(rng),
        "lc_id": "",
        "logistics_company": "",
        "l_id": "",
        "weight": ZERO,
        **_receiver(rng),
    }
    row["items"] = [_line(rng, ids, sku) for sku in skus]
    if row["items"] and rng.random() < 0.08:
        row["items"].append(_gift(ids, skus[0]))
    _price(row, rng.randint(1, 15) if rng.random() < 0.4 else 0, _FREIGHT.turn(rng))
    return row


def line_count(rng: random.Random) -> int:
    """0 for the few orders without lines."""
    return _LINES.turn(rng)


def _receiver(rng: random.Random) -> Row:
    """Where it goes and to whom; the personal part is there because the product has to drop it."""
    state, city, district = rng.choice(REGIONS)
    mobile = f"1{rng.choice('3456789')}{rng.randrange(10**9):09d}"
    return {
        "receiver_country": "中国",
        "receiver_state": state,
        "receiver_city": city,
        "receiver_district": district,
        "receiver_town": "",
        "receiver_name": rng.choice(SURNAMES) + rng.choice(GIVEN_NAMES),
        "receiver_mobile": mobile,
        "receiver_phone": "",
        "receiver_address": f"幸福路{rng.randint(1, 999)}号{rng.randint(1, 30)}栋",
        "buyer_message": _MESSAGE.turn(rng).format(mobile),
        "shop_buyer_id": f"buyer{rng.randrange(10**8):08d}",
        "open_id": f"AA{rng.getrandbits(64):016x}",
        "remark": "",
    }


def _line(rng: random.Random, ids: Ids, sku: Row) -> Row:
    qty = _QTY.turn(rng)
    price = (sku["sale_price"] * rng.randint(80, 100) / 100).quantize(CENT)
    combined = f"ZH{sku['i_id']}" if rng.random() < 0.03 else ""
    return _item(ids, sku, qty, price, combined, gift=False)


def _gift(ids: Ids, sku: Row) -> Row:
    return _item(ids, sku, 1, ZERO, "", gift=True)


def _item(ids: Ids, sku: Row, qty: int, price: Decimal, combined: str, *, gift: bool) -> Row:
    return {
        "ioi_id": ids.number("line"),
        "oi_id": str(ids.number("order_line")),
        "sku_id": sku["sku_id"],
        "i_id": sku["i_id"],
        "name": sku["name"],
        "properties_value": sku["properties_value"],
        "qty": qty,
        ids.price_field: price,
        "sale_amount": qty * price,
        "combine_sku_id": combined,
        "is_gift": gift,
    }


def price_of(line: Row) -> Decimal:
    price: Decimal = line["price"] if "price" in line else line["sale_price"]
    return price


def _goods(lines: list[Row]) -> Decimal:
    return sum((max(line["qty"], 0) * price_of(line) for line in lines), ZERO)


def _price(row: Row, percent_off: int, freight: int) -> None:
    # An order without lines has amounts all the same.
    goods = _goods(row["items"]) if row["items"] else Decimal(88)
    row["free_amount"] = (goods * percent_off / 100).quantize(CENT)
    row["freight"] = Decimal(freight).quantize(CENT)
    _settle(row, goods)


def _settle(row: Row, goods: Decimal) -> None:
    """Let the platform pay one percent of a discounted order itself, so that paid is not always what was due."""
    row["free_amount"] = min(row["free_amount"], goods)
    row["pay_amount"] = (goods - row["free_amount"] + row["freight"]).quantize(CENT)
    subsidy = row["pay_amount"] / 100 if row["free_amount"] else ZERO
    row["paid_amount"] = (row["pay_amount"] - subsidy).quantize(CENT)


def life(rng: random.Random, returned: float, slow: float) -> Iterator[tuple[float, str]]:
    """Yield what will happen to a new order: (seconds after its birth, step); ``confirm`` follows on ``pick``.
    ``returned``: share of such orders that get an after-sale order, ``slow`` times later than at the quickest."""
    if rng.random() < 0.10:
        yield rng.uniform(0.2, 30), "edit"
    if rng.random() < 0.01:
        yield 0.3, "edit"
    shipped = rng.uniform(5, 90)
    fate = rng.random()
    if fate < 0.04:
        yield shipped, "delete"
    elif fate < 0.99:
        yield shipped - PICKING, "pick"
        if rng.random() < returned:
            yield shipped + slow * rng.uniform(10, 600), "after_sale"
    if fate > 0.97:
        yield shipped + rng.uniform(30, 600), "cancel"


def step(row: Row, name: str, rng: random.Random, now: float) -> None:
    """Change the row as the step says; now and then a line vanishes or its quantity changes on the way."""
    match name:
        case "confirm" if row["status"] == "WaitConfirm":
            _ship(row, rng, now)
        case "delete" if row["status"] == "WaitConfirm":
            row["status"] = "Delete"
        case "cancel":
            row["status"] = "Cancelled"
        case _:
            row["labels"] = rng.choice(("", "加急", "改地址", "赠品"))
    _disturb(row, rng)


def holds(row: Row) -> Goods:
    """Return what the order takes from the stock as it stands: reserved until it is shipped, gone afterwards."""
    field, sign = {"WaitConfirm": ("order_lock", 1), "Confirmed": ("qty", -1)}.get(row["status"], ("", 0))
    held = Goods()
    if field:
        for line in row["items"]:
            held[line["sku_id"], row["wms_co_id"], field] += sign * max(line["qty"], 0)
    return held


def picked(row: Row) -> Goods:
    """Return what the order takes from the stock while it is picked."""
    held = Goods()
    for line in row["items"]:
        held[line["sku_id"], row["wms_co_id"], "pick_lock"] += max(line["qty"], 0)
    return held


def _ship(row: Row, rng: random.Random, now: float) -> None:
    row["status"], row["io_date"] = "Confirmed", beijing(now)
    row["lc_id"], row["logistics_company"] = rng.choice(CARRIERS)
    row["l_id"] = f"{row['lc_id']}{rng.randrange(10**12):012d}"
    row["weight"] = Decimal(rng.randint(200, 5000)) / 1000


def _disturb(row: Row, rng: random.Random) -> None:
    chance, lines = rng.random(), row.get("items") or []
    if chance < VANISH and len(lines) > 1:
        lines.pop(rng.randrange(len(lines)))
    elif VANISH <= chance < VANISH + 0.01 and lines:
        line = rng.choice(lines)
        line["qty"] += 1
        line["sale_amount"] = line["qty"] * price_of(line)
    else:
        return
    _settle(row, _goods(lines))
