"""Stored labels of a wide table against the dimensions: reported, not judged, as a change may still be on its way."""

from __future__ import annotations

from local.verify.streams import Warehouse
from local.verify.subject import Subject

_DIMENSIONS = {
    "sku": (
        "sku_id",
        "SELECT sku_id, name, category, brand, enabled, cost_price AS cost, sale_price AS sale FROM dim.dim_sku FINAL",
    ),
    "shop": ("shop_id", "SELECT shop_id, shop_name AS name, platform AS kind FROM dim.dim_shop FINAL"),
    "house": ("wms_co_id", "SELECT wms_co_id, warehouse_name AS name, province FROM dim.dim_warehouse FINAL"),
}
_STALE = {
    "sku_name": ("sku", "sku.name != '' AND line.sku_name != sku.name"),
    "category": ("sku", "line.category != sku.category"),
    "brand": ("sku", "line.brand != sku.brand"),
    "enabled": ("sku", "ifNull(line.enabled, -9) != ifNull(sku.enabled, -9)"),
    "cost_price": ("sku", "line.cost_price != ifNull(round(sku.cost, 2), 0)"),
    "sale_price": ("sku", "line.sale_price != ifNull(round(sku.sale, 2), 0)"),
    "shop_name": ("shop", "shop.name != '' AND line.shop_name != shop.name"),
    "platform": ("shop", "line.platform != shop.kind"),
    "warehouse_name": ("house", "house.name != '' AND line.warehouse_name != house.name"),
    "warehouse_province": ("house", "line.warehouse_province != house.province"),
}


def stale_labels(warehouse: Warehouse, subject: Subject) -> dict[str, int]:
    """Rows whose label is not the dimension's, by label column where there are any; an unknown SKU, shop or warehouse
    leaves the source's own word standing."""
    if not subject.labels:
        return {}
    dimensions = dict.fromkeys(_STALE[label][0] for label in subject.labels)
    columns = ", ".join([*(_DIMENSIONS[name][0] for name in dimensions), *subject.labels])
    counts = ", ".join(f"countIf({_STALE[label][1]})" for label in subject.labels)
    joins = " ".join(
        f"LEFT JOIN ({rows}) AS {name} USING {key}" for name, (key, rows) in _DIMENSIONS.items() if name in dimensions
    )
    (row,) = warehouse.rows(f"SELECT {counts} FROM (SELECT {columns} FROM {subject.table} FINAL) AS line {joins}")
    return {label: count for label, count in zip(subject.labels, row, strict=True) if count}
