"""What the expected rows need beside the source's record: the workbook, and what both sides say of the SKUs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from local.verify.streams import Source, Warehouse
from local.verify.subject import OneOf
from local.verify.values import scaled
from local.verify.workbook import FeeRates, Shop, read_fees, read_places, read_quality, read_shops

PRICE_PLACES = 4
Price = int | None
_DIMENSION = "SELECT sku_id, i_id, cost_price, sale_price FROM dim.dim_sku FINAL"


@dataclass(frozen=True, slots=True)
class Goods:
    """One SKU: its style, and the cost and sale prices (scaled by ``PRICE_PLACES``) that the stored dimension and the
    source have; they differ while a change is on its way."""

    i_id: str
    costs: tuple[Price, ...]
    sales: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """``goods``: SKUs of the stored dimension; ``places``: warehouse → province; ``quality``: question types that are
    questions of quality; ``stock``: whether the table of stock has totals or rows per_warehouse."""

    fees: FeeRates = field(default_factory=lambda: FeeRates(()))
    shops: Mapping[str, Shop] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    quality: Collection[str] = ()
    goods: Mapping[str, Goods] = field(default_factory=dict)
    stock: str = "total"

    def style(self, sku_id: str, own: str) -> str | OneOf:
        """i_id of a line: the dimension's may stand in for its own."""
        stored = self.goods[sku_id].i_id if sku_id in self.goods else ""
        return own if stored in ("", own) else OneOf((own, stored))


def known(source: Source, warehouse: Warehouse, stock: str) -> Known:
    """Read what is known. Raises CannotCompare when a party is away or the workbook cannot be read."""
    prices = {str(row.get("sku_id")): _prices(row) for row in source.truth("sku")}
    goods: dict[str, Goods] = {}
    for sku_id, i_id, cost, sale in warehouse.rows(_DIMENSION):
        stored = _prices({"cost_price": cost, "sale_price": sale})
        costs, sales = zip(stored, prices.get(sku_id, stored), strict=True)
        goods[sku_id] = Goods(i_id, costs, sales)
    return Known(read_fees(), read_shops(), read_places(), read_quality(), goods, stock)


def _prices(row: Mapping[str, object]) -> tuple[Price, Price]:
    cost, sale = (scaled(row, name, PRICE_PLACES) for name in ("cost_price", "sale_price"))
    return cost, sale
