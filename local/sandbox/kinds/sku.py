"""商品资料: styles with several SKUs each, renamed, re-categorised and re-priced now and then."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from local.sandbox.kinds.kind import Kind
from local.sandbox.rows import Row
from local.sandbox.times import beijing
from local.sandbox.world import BRANDS, CATEGORIES, COLOURS, DAY, SERIES, SIZES

KIND = Kind("sku", key=("sku_id",))
CENT = Decimal("0.01")


def found(rng: random.Random, count: int, now: float) -> Iterator[Row]:
    """``count`` SKUs modified within the three days before ``now`` (Unix seconds): one window holds them all."""
    style, names = 0, set[str]()
    while count > 0:
        style += 1
        size = min(count, rng.randint(2, 8))
        yield from _style(rng, style, size, now, names)
        count -= size


def _style(rng: random.Random, style: int, size: int, now: float, names: set[str]) -> Iterator[Row]:
    c_id, category, base, cuts = rng.choice(CATEGORIES)
    i_id = f"K{style:05d}"
    brand = rng.choice(BRANDS)
    price = (Decimal(base) * rng.randint(70, 160) / 100).quantize(CENT)
    title = f"{brand}{rng.choice(SERIES)}{rng.choice(cuts)}{category}"
    if title in names:
        others = (f"{brand}{series}{cut}{category}" for series in SERIES for cut in cuts)
        title = next((other for other in others if other not in names), f"{title}{style}")
    names.add(title)
    created = now - rng.uniform(10, 400) * DAY
    for number in range(1, size + 1):
        yield {
            "sku_id": f"{i_id}-{number:02d}",
            "i_id": i_id,
            "name": title,
            "short_name": title[:6],
            "sale_price": price,
            "cost_price": (price * rng.randint(35, 60) / 100).quantize(CENT),
            "market_price": (price * 2).quantize(CENT),
            "properties_value": f"{COLOURS[number % len(COLOURS)]};{SIZES[number % len(SIZES)]}",
            "c_id": c_id,
            "category": category,
            "brand": brand,
            "enabled": rng.choices((1, 0, -1), (95, 3, 2))[0],
            "weight": Decimal(rng.randint(100, 1500)) / 1000,
            "sku_code": f"69{style:06d}{number:05d}",
            "labels": rng.choice(("", "", "爆款", "清仓")),
            "unit": "件",
            "pic": f"https://img.example.com/{i_id}.jpg",
            "supplier_id": str(700 + style % 20),
            "supplier_name": f"供应商{style % 20}",
            "creator": 1,
            "remark": "",
            "created": beijing(created),
            "modified": beijing(now - rng.uniform(0, 3) * DAY),
        }


def change(row: Row, rng: random.Random) -> None:
    """One edit, as a merchandiser would make it."""
    match rng.choice(("name", "name", "category", "price", "enabled")):
        case "name":
            row["name"] = f"{row['brand']}{rng.choice(SERIES)}{row['category']}{rng.randint(2, 99)}代"
        case "category":
            row["c_id"], row["category"], *_ = rng.choice(CATEGORIES)
        case "price":
            row["sale_price"] = (row["sale_price"] * rng.randint(85, 115) / 100).quantize(CENT)
        case _:
            row["enabled"] = 1 if row["enabled"] != 1 else 0
