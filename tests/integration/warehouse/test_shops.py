"""The shops workbook: what people edit, told to the cell when it is wrong; a bad one changes nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jst.errors import Misconfigured
from jst.spec import INCLUDE
from jst.warehouse.shops import Fee, read_workbook, store_shops
from tests.integration.warehouse.loading import Warehouse

SHOP = {
    "店铺编号": 101,
    "店铺名称": "天猫旗舰店",
    "平台": "天猫",
    "负责人账号": "zhang.wei",
    "省份": "浙江",
    "启用": "是",
}
FEE = {"店铺编号": 101, "生效日期": datetime(2025, 1, 1), "费率": 0.05}  # noqa: DTZ001 - Excel's dates know no zone
BLANK = dict.fromkeys(SHOP, "")


def _workbook(path: Path, shops: list[dict[str, Any]], fees: list[dict[str, Any]]) -> Path:
    file = path / "shops.xlsx"
    with pd.ExcelWriter(file) as writer:
        pd.DataFrame(shops).to_excel(writer, sheet_name="店铺", index=False)
        pd.DataFrame(fees).to_excel(writer, sheet_name="费率", index=False)
    return file


def test_the_workbook_we_ship_can_be_read() -> None:
    shops = read_workbook(INCLUDE / "config" / "shops.xlsx")
    assert [shop.shop_id for shop in shops.shops] == list(range(101, 109))
    assert len({shop.shop_code for shop in shops.shops}) == 8
    assert {fee.shop_id for fee in shops.fees} == set(range(101, 109))


def test_text_and_numbers_are_read_alike(tmp_path: Path) -> None:
    file = _workbook(
        tmp_path, [SHOP | {"店铺编号": " 101 "}], [FEE | {"店铺编号": 101.0, "生效日期": "2025-01-01", "费率": "0.055"}]
    )
    assert read_workbook(file).fees == (Fee(101, date(2025, 1, 1), Decimal("0.055")),)


@pytest.mark.parametrize(
    ("shops", "fees", "message"),
    [
        ([SHOP], [FEE | {"费率": 5}], "工作表“费率”第 2 行“费率”：“5”不对，应为0 到 1 之间"),
        ([SHOP], [FEE | {"费率": "5%"}], "第 2 行“费率”：“5%”不对"),
        ([SHOP], [FEE | {"费率": -0.01}], "第 2 行“费率”"),
        ([SHOP], [FEE, FEE | {"生效日期": "明天"}], "工作表“费率”第 3 行“生效日期”：“明天”不对"),
        ([SHOP], [FEE, FEE], "第 3 行“生效日期”：与前面的行重复"),
        ([SHOP], [FEE | {"店铺编号": 109}], "第 2 行“店铺编号”：“109”不在工作表“店铺”里"),
        ([SHOP, BLANK, SHOP], [FEE], "工作表“店铺”第 4 行“店铺编号”：与前面的行重复"),
        ([SHOP | {"店铺编号": "1o1"}], [FEE], "第 2 行“店铺编号”：“1o1”不对"),
        ([SHOP | {"店铺编号": "Infinity"}], [FEE], "第 2 行“店铺编号”：“Infinity”不对"),
        ([SHOP | {"店铺名称": " "}], [FEE], "第 2 行“店铺名称”：“ ”不对，应为非空文字"),
        ([SHOP | {"启用": "yes"}], [FEE], "第 2 行“启用”：“yes”不对，应为是 或 否"),
        ([{"店铺编号": 101}], [FEE], "工作表“店铺”第 1 行“店铺名称”：缺少这一列"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, shops: Any, fees: Any, message: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_workbook(_workbook(tmp_path, shops, fees))
    assert message in str(refused.value)


def test_a_file_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "shops.xlsx").write_text("no workbook")
    with pytest.raises(Misconfigured, match="读不出来"):
        read_workbook(tmp_path / "shops.xlsx")
    with pytest.raises(Misconfigured, match=r"找不到店铺表 none\.xlsx"):
        read_workbook(tmp_path / "none.xlsx")


@pytest.mark.clickhouse
def test_dim_says_what_the_workbook_says(warehouse: Warehouse, tmp_path: Path) -> None:
    first = read_workbook(
        _workbook(tmp_path, [SHOP, SHOP | {"店铺编号": 103}], [FEE, FEE | {"生效日期": "2026-03-01"}])
    )
    assert store_shops(warehouse.client, first) == [101, 102, 103]  # 102 left, a rate of 101 changed
    assert store_shops(warehouse.client, first) == []
    renamed = read_workbook(_workbook(tmp_path, [SHOP, SHOP | {"店铺编号": 103, "店铺名称": "新名"}], [FEE]))
    assert store_shops(warehouse.client, renamed) == [101, 103]
    assert warehouse.rows("SELECT shop_id, shop_name FROM dim.dim_shop FINAL ORDER BY shop_id") == [
        (101, "天猫旗舰店"),
        (103, "新名"),
    ]
    assert warehouse.rows("SELECT * EXCEPT (version, is_deleted) FROM dim.dim_shop_fee FINAL") == [
        (101, date(2025, 1, 1), Decimal("0.05"))
    ]
