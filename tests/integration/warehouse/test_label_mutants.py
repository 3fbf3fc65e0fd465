"""Every rule by which labels get into a wide table and are found stale is needed: without it, a changed dimension would
not be seen, or a row would be written again for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jst.model.module import load_module
from jst.warehouse import sql, widen_tables
from jst.warehouse.widen_tables import EVERY_KIND, widen
from tests.support.labelled_rows import AfterSales, Labelled, SaleOuts, Stocks
from tests.support.search_depth import DEPTH
from tests.support.warehouse import Warehouse

pytestmark = [pytest.mark.search, pytest.mark.clickhouse]
EVERY = DEPTH.of(4, 1)
"""One rule in so many is broken, always the same ones; all with ``--long``."""

# a rule, and what stands in its place
STALE = {
    "sale_out": [
        ("(sku.i_id != '' AND sku.i_id != line.i_id)", "0"),
        ("OR (sku.name != '' AND sku.name != line.sku_name)", ""),
        ("OR sku.category != line.category", ""),
        ("OR sku.brand != line.brand", ""),
        ("shop.name != line.shop_name OR ", ""),
        (" OR shop.platform != line.platform", ""),
        ("OR (house.name != '' AND house.name != line.warehouse_name)", ""),
        ("WHERE stored != round(", "WHERE 0 AND stored != round("),
        ("sku.i_id != '' AND ", ""),
        ("sku.name != '' AND ", ""),
        ("shop.name != '' AND (", "("),
        ("house.name != '' AND ", ""),
    ],
    "after_sale": [
        ("(sku.i_id != '' AND sku.i_id != line.i_id)", "0"),
        ("OR (sku.name != '' AND sku.name != line.sku_name)", ""),
        ("OR sku.category != line.category", ""),
        ("shop.name != line.shop_name OR ", ""),
        (" OR shop.platform != line.platform", ""),
        ("OR is_quality != (trimBoth(question_type) IN", "OR 0 != (trimBoth('') IN"),
        ("trimBoth(question_type)", "question_type"),
        ("sku.i_id != '' AND ", ""),
        ("sku.name != '' AND ", ""),
        ("shop.name != '' AND (", "("),
    ],
    "inventory": [
        ("(sku.i_id != '' AND sku.i_id != stock.i_id)", "0"),
        ("OR (sku.name != '' AND sku.name != stock.sku_name)", ""),
        ("(sku.category, sku.brand) != (stock.category, stock.brand)", "sku.brand != stock.brand"),
        ("(sku.category, sku.brand) != (stock.category, stock.brand)", "sku.category != stock.category"),
        ("(sku.cost, sku.sale) != (stock.cost_price, stock.sale_price)", "sku.sale != stock.sale_price"),
        ("(sku.cost, sku.sale) != (stock.cost_price, stock.sale_price)", "sku.cost != stock.cost_price"),
        ("round(cost_price, 2)", "cost_price"),
        ("OR ifNull(sku.enabled, 2) != ifNull(stock.enabled, 2)", ""),
        ("(house.warehouse_name, house.province) != (stock.warehouse_name, stock.warehouse_province)",
         "house.province != stock.warehouse_province"),
        ("(house.warehouse_name, house.province) != (stock.warehouse_name, stock.warehouse_province)",
         "house.warehouse_name != stock.warehouse_name"),
        ("sku.i_id != '' AND ", ""),
        ("sku.name != '' AND ", ""),
    ],
}  # fmt: skip
WIDEN = {
    "sale_out": [
        ("if(sku.i_id != '', sku.i_id, line_i_id)", "line_i_id"),
        ("if(sku.i_id != '', sku.i_id, line_i_id)", "sku.i_id"),
        ("if(sku.name != '', sku.name, line_name)", "line_name"),
        ("if(sku.name != '', sku.name, line_name)", "sku.name"),
        ("sku.category, sku.brand,", "'', sku.brand,"),
        ("sku.category, sku.brand,", "sku.category, '',"),
        ("if(shop.name != '', shop.name, shop_name)", "shop_name"),
        ("if(shop.name != '', shop.name, shop_name)", "shop.name"),
        ("shop.platform AS platform", "'' AS platform"),
        ("if(house.name != '', house.name, warehouse)", "warehouse"),
        ("if(house.name != '', house.name, warehouse)", "house.name"),
        ("weighed.biz_day >= fee.valid_from", "weighed.biz_day > fee.valid_from"),
        ("toDecimal128(paid, 2) * fee.fee_rate", "toDecimal128(paid, 2) * 0"),
    ],
    "after_sale": [
        ("if(sku.i_id != '', sku.i_id, line_i_id)", "line_i_id"),
        ("if(sku.i_id != '', sku.i_id, line_i_id)", "sku.i_id"),
        ("if(sku.name != '', sku.name, line_name)", "line_name"),
        ("if(sku.name != '', sku.name, line_name)", "sku.name"),
        ("    sku.category,\n", "    '',\n"),
        ("if(shop.name != '', shop.name, shop_name)", "shop_name"),
        ("if(shop.name != '', shop.name, shop_name)", "shop.name"),
        ("shop.platform AS platform", "'' AS platform"),
        ("trimBoth(question_type) IN", "question_type IN"),
        ("trimBoth(question_type) IN", "'不喜欢' IN"),
    ],
    "inventory": [
        ("if(sku.i_id != '', sku.i_id, stock.i_id)", "stock.i_id"),
        ("if(sku.i_id != '', sku.i_id, stock.i_id)", "sku.i_id"),
        ("if(sku.name != '', sku.name, stock.name)", "stock.name"),
        ("if(sku.name != '', sku.name, stock.name)", "sku.name"),
        ("sku.category, sku.brand,\n    sku.enabled,", "'', sku.brand,\n    sku.enabled,"),
        ("sku.category, sku.brand,\n    sku.enabled,", "sku.category, '',\n    sku.enabled,"),
        ("    sku.enabled,\n", "    1,\n"),
        ("round(sku.cost_price, 2)", "round(0, 2)"),
        ("round(sku.cost_price, 2)", "sku.cost_price"),
        ("round(sku.sale_price, 2)", "0"),
        ("toDecimal128(on_hand, 4) * cost", "toDecimal128(on_hand, 4)"),
        ("house.warehouse_name,\n", "'',\n"),
        ("    house.province,", "    '',"),
    ],
}  # fmt: skip


@pytest.fixture(params=[SaleOuts, AfterSales, Stocks], ids=lambda kind: kind.module)
def labels(warehouse: Warehouse, request: pytest.FixtureRequest) -> Labelled:
    warehouse.client.execute("TRUNCATE TABLE dim.dim_shop_fee")
    labels: Labelled = request.param(warehouse)
    assert labels.shown() == labels.wanted()
    return labels


def _broken(name: str, rule: str, without: str) -> Callable[..., str]:
    """What gives the composed SQL, ``name`` with one rule broken wherever it stands."""
    whole = sql.statement(name, **EVERY_KIND)
    assert whole.count(rule) == 1, (name, rule)
    return lambda asked, **facts: whole.replace(rule, without) if asked == name else sql.statement(asked, **facts)


def test_a_rule_of_stale_that_is_broken_shows(
    warehouse: Warehouse, labels: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    survivors, module = [], labels.module
    tried = STALE[module][::EVERY]
    for rule, without in tried:
        labels.change()
        with monkeypatch.context() as broken:
            broken.setattr(widen_tables, "statement", _broken(f"modules/{module}/stale", rule, without))
            warehouse.relabel(module)
            if labels.shown() == labels.wanted() and warehouse.relabel(module) == []:
                survivors.append(f"{rule} → {without}")
        warehouse.relabel(module)
        assert labels.shown() == labels.wanted()
        assert warehouse.relabel(module) == []
    print(f"stale/{module}: {len(tried) - len(survivors)} of {len(tried)} mutants caught")
    assert survivors == []


def test_a_rule_of_widen_that_is_broken_shows(
    warehouse: Warehouse, labels: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    survivors, module = [], labels.module
    keys = sorted({key.split("@")[0] for key in labels.wanted()})
    tried = WIDEN[module][::EVERY]
    for rule, without in tried:
        labels.change()
        with monkeypatch.context() as broken:
            broken.setattr(widen_tables, "statement", _broken(f"modules/{module}/widen", rule, without))
            widen(warehouse.client, load_module(module), keys)
            if labels.shown() == labels.wanted():
                survivors.append(f"{rule} → {without}")
        widen(warehouse.client, load_module(module), keys)
        assert labels.shown() == labels.wanted()
    print(f"widen/{module}: {len(tried) - len(survivors)} of {len(tried)} mutants caught")
    assert survivors == []
