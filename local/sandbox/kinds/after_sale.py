"""售后: how an after-sale order comes of a shipped order and what may happen to it until the money is paid back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from local.sandbox.kinds.ids import Dialect, Ids
from local.sandbox.kinds.kind import Kind
from local.sandbox.kinds.sale_out import CENT, ZERO, Goods, price_of
from local.sandbox.kinds.wheel import Wheel
from local.sandbox.rows import Row
from local.sandbox.times import beijing
from local.sandbox.world import CARRIERS, SHOPS

KIND = Kind("after_sale", key=("as_id",), other_id="o_id", line_key="asi_id")
VANISH = 0.05
"""Share of updates that try to drop a line."""

_TYPE = Wheel(("仅退款", "普通退货", "拒收退货", "换货", "补发", "维修", "投诉", "其它"), (34, 42, 8, 8, 3, 2, 1, 2))
RETURNING = frozenset({"普通退货", "拒收退货", "换货", "维修"})
"""Types whose goods come back."""

_PAID_BACK = frozenset({"仅退款", "普通退货", "拒收退货", "换货"})
_COMPENSATED = frozenset({"换货", "补发"})
_LINE_TYPES = {"普通退货": "退货", "拒收退货": "退货", "仅退款": "退货", "换货": "换货", "补发": "补发"}
QUALITY = ("质量问题", "做工瑕疵")
_REASON = Wheel(
    (*QUALITY, "七天无理由", "尺码不合适", "少件漏发", "错发", "物流问题", "商品与描述不符", "未按约定时间发货"),
    (9, 4, 34, 20, 7, 5, 8, 7, 6),
)
_BAD_END = Wheel(("cancel", "merge", "close", "refuse"), (60, 10, 15, 15))

_STATES: dict[Dialect, dict[str, dict[str, str]]] = {
    "gateway": {
        "born": {"status": "Waiting"},
        "receive": {"status": "Received"},
        "refund": {"status": "Refund"},
        "cancel": {"status": "Cancelled"},
        "merge": {"status": "Cancelled"},
        "close": {"status": "Cancelled"},
        "refuse": {"status": "Cancelled"},
    },
    "openapi": {
        "born": {"status": "WaitConfirm", "good_status": "BUYER_RECEIVED", "shop_status": "WAIT_SELLER_AGREE"},
        "agree": {"good_status": "BUYER_RETURNED_GOODS", "shop_status": "WAIT_BUYER_RETURN_GOODS"},
        "receive": {
            "status": "Confirmed",
            "good_status": "SELLER_RECEIVED",
            "shop_status": "WAIT_SELLER_CONFIRM_GOODS",
        },
        "refund": {"status": "Confirmed", "shop_status": "SUCCESS"},
        "cancel": {"status": "Cancelled", "shop_status": "CLOSED"},
        "merge": {"status": "Merged"},
        "close": {"shop_status": "CLOSED"},
        "refuse": {"shop_status": "SELLER_REFUSE_BUYER"},
    },
}


def born(rng: random.Random, ids: Ids, order: Row, now: float) -> Row:
    """Return an after-sale order for some lines of a shipped order; ``now`` in Unix seconds."""
    serial = ids.serial("after_sale", now)
    as_id = ids.document("AS", serial)
    kind = _TYPE.turn(rng)
    sold = [line for line in order["items"] if line["qty"] > 0]
    chosen = rng.sample(sold, rng.randint(1, len(sold))) if sold else []
    row: Row = {
        "as_id": as_id,
        "outer_as_id": f"{order['shop_id']}9{serial}",
        **{name: order[name] for name in ("io_id", "o_id", "so_id", "shop_id", "shop_name", "order_type")},
        "type": kind,
        **_STATES[ids.dialect]["born"],
        "order_status": "Sent",
        "question_type": _REASON.turn(rng),
        "as_date": beijing(now - rng.uniform(1, 5)),
        "created": beijing(now),
        "modified": beijing(now),
        "confirm_date": None,
        **{name: order[name] for name in ("warehouse", "wms_co_id")},
        "refund_phase": "售后" if kind in RETURNING else rng.choice(("售中", "售后")),
        "labels": "高频退款" if rng.random() < 0.05 else "",
        **_paperwork(rng, order),
        "items": [_line(rng, ids, as_id, kind, line) for line in chosen],
    }
    if kind == "拒收退货" and "good_status" in row:
        row["good_status"] = "BUYER_NOT_RECEIVED"
    _price(row, order["pay_amount"], ids.dialect)
    return row


def _paperwork(rng: random.Random, order: Row) -> Row:
    """Personal and other fields that are there because the product has to drop them."""
    personal = ("receiver_name", "receiver_mobile", "receiver_phone", "receiver_address", "shop_buyer_id")
    platform = next(site for shop_id, _, site in SHOPS if shop_id == order["shop_id"])
    return {
        **{name: order[name] for name in personal},
        "l_id": "",
        "logistics_company": "",
        "remark": f"客户 {order['receiver_mobile']} 来电催促" if rng.random() < 0.1 else "",
        "node": "",
        "result": "",
        "images": [],
        "creator_name": "客服小王",
        "modifier_name": "客服小王",
        "shop_type": platform,
        "shop_site": platform,
        "wh_id": 2,
        "order_labels": [],
        "currency": "CNY",
        "refund_version": "1",
        "is_split": False,
        "is_merge": False,
    }


def _line(rng: random.Random, ids: Ids, as_id: str | int, kind: str, sold: Row) -> Row:
    qty = rng.randint(1, sold["qty"])
    share = rng.randint(1, 10) if kind == "仅退款" and rng.random() < 0.5 else 10
    amount = (qty * price_of(sold) * share / 10).quantize(CENT)
    return {
        "asi_id": ids.number("after_sale_line"),
        "as_id": as_id,
        **{name: sold[name] for name in ("sku_id", "i_id", "name", "properties_value", "combine_sku_id", "is_gift")},
        "shop_sku_id": sold["sku_id"],
        "outer_oi_id": sold["oi_id"],
        "sku_type": "normal",
        "pic": f"https://img.example.com/{sold['i_id']}.jpg",
        "qty": qty,
        "r_qty": 0,
        "defective_qty": 0,
        "price": price_of(sold),
        "amount": amount,
        "shop_amount": amount,
        "type": _LINE_TYPES.get(kind, "其它"),
        "receive_date": None,
        "remark": "",
    }


def _price(row: Row, paid: Decimal, dialect: Dialect) -> None:
    """Not more than was paid goes back; an after-sale order without lines has an amount all the same."""
    goods = min(sum((line["amount"] for line in row["items"]), ZERO), paid) if row["items"] else paid
    refund = goods if row["type"] in _PAID_BACK else ZERO
    # Three of the amounts are texts there.
    text = str if dialect == "openapi" else Decimal
    row["refund"] = refund
    row["payment"] = goods if row["type"] in _COMPENSATED else ZERO
    row["free_amount"] = row["shop_freight"] = text("0.00")
    row["freight"] = ZERO
    row["buyer_apply_refund"] = text(str(refund))
    row["receive_refund"] = row["buyer_receive_refund"] = ZERO


def life(rng: random.Random, kind: str, slow: float) -> Iterator[tuple[float, str]]:
    """Yield what will happen to an after-sale order of a type: (seconds after its birth, step), ``slow`` times later
    than at the quickest."""
    fate = rng.random()
    if rng.random() < 0.15:
        yield slow * rng.uniform(0.5, 60), "edit"
    if fate < 0.10:
        yield slow * rng.uniform(5, 120), _BAD_END.turn(rng)
        return
    after = slow * rng.uniform(5, 120)
    if kind in RETURNING:
        yield after / 2, "agree"
        yield after, "receive"
        after += slow * rng.uniform(10, 200)
    if fate < 0.96:
        yield after, "refund"


def step(row: Row, name: str, rng: random.Random, now: float, dialect: Dialect) -> None:
    """Change the row as the step says; before anything came back a line may vanish or its quantity change."""
    row.update(_STATES[dialect].get(name, {}))
    match name:
        case "agree":
            row["logistics_company"] = rng.choice(CARRIERS)[1]
            row["l_id"] = f"TH{rng.randrange(10**12):012d}"
        case "receive":
            _receive(row, rng, now)
        case "refund":
            row["confirm_date"] = beijing(now)
            row["receive_refund"] = row["buyer_receive_refund"] = row["refund"]
            if dialect == "openapi" and row["type"] == "仅退款" and rng.random() < 0.3:
                row["shop_status"] = "SYNC_SUCCESS"
        case "edit":
            row["labels"] = rng.choice(("", "高频退款", "加急"))
    if name in ("edit", "agree"):
        _disturb(row, rng, dialect)


def _receive(row: Row, rng: random.Random, now: float) -> None:
    for line in row["items"]:
        line["r_qty"] = line["qty"] - (1 if line["qty"] > 1 and rng.random() < 0.1 else 0)
        line["defective_qty"] = line["r_qty"] if row["question_type"] in QUALITY else 0
        line["receive_date"] = beijing(now)


def _disturb(row: Row, rng: random.Random, dialect: Dialect) -> None:
    chance, lines = rng.random(), row["items"]
    if row["confirm_date"] or any(line["receive_date"] for line in lines):
        return
    if chance < VANISH and len(lines) > 1:
        lines.pop(rng.randrange(len(lines)))
    elif VANISH <= chance < VANISH + 0.03 and lines and lines[0]["qty"] > 1:
        line = lines[0]
        line["amount"] = line["shop_amount"] = (line["amount"] * (line["qty"] - 1) / line["qty"]).quantize(CENT)
        line["qty"] -= 1
    else:
        return
    _price(row, sum((line["amount"] for line in lines), ZERO), dialect)


def holds(row: Row) -> Goods:
    """Return what the after-sale order means for the stock: goods on their way back, then in the returns' store."""
    held = Goods()
    if row["type"] not in RETURNING or row["status"] in ("Cancelled", "Merged"):
        return held
    if row.get("shop_status") in ("CLOSED", "SELLER_REFUSE_BUYER"):
        return held
    for line in row["items"]:
        held[line["sku_id"], row["wms_co_id"], "return_qty"] += line["r_qty"]
        if not line["receive_date"]:
            held[line["sku_id"], row["wms_co_id"], "sale_refund_qty"] += line["qty"]
    return held
