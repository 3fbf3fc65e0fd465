"""Stored labels of the wide table against the dimensions: told, not judged, as a change may still be on its way."""

from __future__ import annotations

from local.verify.streams import Warehouse

_STALE = """
SELECT
    countIf(sku.sku_id != '' AND sku.name != '' AND line.sku_name != sku.name) AS sku_name,
    countIf(line.category != sku.category) AS category,
    countIf(line.brand != sku.brand) AS brand,
    countIf(shop.shop_name != '' AND line.shop_name != shop.shop_name) AS shop_name
FROM (SELECT sku_id, shop_id, sku_name, category, brand, shop_name FROM dws.dws_sale_out FINAL) AS line
LEFT JOIN (SELECT sku_id, name, category, brand FROM dim.dim_sku FINAL) AS sku ON sku.sku_id = line.sku_id
LEFT JOIN (SELECT shop_id, shop_name FROM dim.dim_shop FINAL) AS shop ON shop.shop_id = line.shop_id
"""


def stale_labels(warehouse: Warehouse) -> dict[str, int]:
    """Lines whose label is not the dimension's, by label column."""
    (counts,) = warehouse.rows(_STALE)
    return dict(zip(("sku_name", "category", "brand", "shop_name"), counts, strict=True))
