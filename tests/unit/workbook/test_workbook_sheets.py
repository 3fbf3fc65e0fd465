"""Reading the shops workbook that people edit: whatever is wrong is told to the cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from jst.errors import Misconfigured
from jst.workbook.shops import Fee, WarehousePlace, read_workbook
from local.layout import SANDBOX_WORKBOOK
from local.verify.workbook import read_shops
from tests.support.shop_books import FEE, PLACE, SHOP, shop_book

BLANK = dict.fromkeys(SHOP, "")


def test_the_workbook_we_ship_can_be_read() -> None:
    shops = read_workbook(SANDBOX_WORKBOOK)
    assert [shop.shop_id for shop in shops.shops] == list(range(101, 113))
    assert len({shop.shop_code for shop in shops.shops}) == 12
    assert {fee.shop_id for fee in shops.fees} == set(range(101, 113))
    assert shops.places == tuple(map(WarehousePlace, range(11001, 11006), ("浙江", "广东", "湖北", "天津", "四川")))
    assert "质量问题" in shops.quality


def test_text_and_numbers_are_read_alike(tmp_path: Path) -> None:
    file = shop_book(
        tmp_path, [SHOP | {"店铺编号": " 101 "}], [FEE | {"店铺编号": 101.0, "生效日期": "2025-01-01", "费率": "0.055"}]
    )
    assert read_workbook(file).fees == (Fee(101, date(2025, 1, 1), Decimal("0.055")),)


@pytest.mark.parametrize(
    ("shops", "fees", "message"),
    [
        ([SHOP], [FEE | {"费率": 5}], "工作表“费率”第 2 行“费率”：“5”不对，应为：0 到 1 之间"),
        ([SHOP], [FEE | {"费率": "5%"}], "第 2 行“费率”：“5%”不对"),
        ([SHOP], [FEE | {"费率": -0.01}], "第 2 行“费率”"),
        ([SHOP], [FEE, FEE | {"生效日期": "明天"}], "工作表“费率”第 3 行“生效日期”：“明天”不对"),
        ([SHOP], [FEE, FEE], "第 3 行“生效日期”：与前面的行重复"),
        ([SHOP], [FEE | {"店铺编号": 109}], "第 2 行“店铺编号”：“109”不在工作表“店铺”里"),
        ([SHOP, BLANK, SHOP], [FEE], "工作表“店铺”第 4 行“店铺编号”：与前面的行重复"),
        ([SHOP | {"店铺编号": "1o1"}], [FEE], "第 2 行“店铺编号”：“1o1”不对"),
        ([SHOP | {"店铺编号": "Infinity"}], [FEE], "第 2 行“店铺编号”：“Infinity”不对"),
        ([SHOP | {"店铺名称": " "}], [FEE], "第 2 行“店铺名称”：空不对，应为：非空文字"),
        ([SHOP | {"平台": datetime(2026, 1, 2)}], [FEE], "第 2 行“平台”：“2026-01-02 00:00:00”不对"),  # noqa: DTZ001
        ([SHOP | {"启用": "yes"}], [FEE], "第 2 行“启用”：“yes”不对，应为：是 或 否"),
        ([{"店铺编号": 101}], [FEE], "工作表“店铺”第 1 行“店铺名称”：缺少这一列"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, shops: Any, fees: Any, message: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_workbook(shop_book(tmp_path, shops, fees))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"仓库": [{"仓库编号": 11001, "省份": ""}]}, "工作表“仓库”第 2 行“省份”：空不对，应为：非空文字"),
        ({"仓库": [PLACE, PLACE]}, "工作表“仓库”第 3 行“仓库编号”：与前面的行重复"),
        ({"仓库": [{"仓库编号": 11001}]}, "工作表“仓库”第 1 行“省份”：缺少这一列"),
        (
            {"质量问题": [{"问题类型": "质量问题"}, {"问题类型": " 质量问题 "}]},
            "工作表“质量问题”第 3 行“问题类型”：与前面的行重复",
        ),
    ],
)
def test_a_wrong_cell_of_an_optional_sheet_is_named(tmp_path: Path, more: Any, message: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_workbook(shop_book(tmp_path, [SHOP], [FEE], **more))
    assert message in str(refused.value)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    shops = [SHOP | {"平台": ""}, SHOP | {"店铺编号": 102, "启用": "1"}]
    fees = [FEE | {"费率": 5}, FEE | {"店铺编号": 109}, FEE, FEE | {"生效日期": "明天"}]
    with pytest.raises(Misconfigured) as refused:
        read_workbook(shop_book(tmp_path, shops, fees, 仓库=[PLACE | {"省份": ""}]))
    said = str(refused.value)
    assert "shops.xlsx 有 7 处错误，沿用上一份正确的：" in said
    for place in (
        "“店铺”第 2 行“平台”：空不对", "“店铺”第 3 行“启用”：“1”不对", "“费率”第 2 行“费率”：“5”不对",
        "“费率”第 5 行“生效日期”：“明天”不对", "“费率”第 4 行“生效日期”：与前面的行重复",
        "“费率”第 3 行“店铺编号”：“109”不在工作表“店铺”里", "“仓库”第 2 行“省份”：空不对",
    ):  # fmt: skip
        assert place in said


def test_a_sheet_that_slipped_is_told_in_twenty_places(tmp_path: Path) -> None:
    fees = [FEE | {"费率": n + 2, "生效日期": f"2025-01-{n + 1:02}"} for n in range(30)]
    with pytest.raises(Misconfigured, match=r"有 30 处错误.*还有 10 处"):
        read_workbook(shop_book(tmp_path, [SHOP], fees))


@pytest.mark.parametrize("sheet", ["店铺", "费率"])
def test_a_sheet_without_rows_would_take_everything_away(tmp_path: Path, sheet: str) -> None:
    shops, fees = ([BLANK], [FEE]) if sheet == "店铺" else ([SHOP], [dict.fromkeys(FEE, "")])
    with pytest.raises(Misconfigured, match=f"工作表“{sheet}”一行也没有"):
        read_workbook(shop_book(tmp_path, shops, fees))


def test_an_error_of_excel_is_no_name(tmp_path: Path) -> None:
    file = shop_book(tmp_path, [SHOP], [FEE])
    book = load_workbook(file)
    book["店铺"]["B2"] = "#N/A"
    book["费率"]["C2"] = "#REF!"
    assert book["店铺"]["B2"].data_type == "e"
    book.save(file)
    with pytest.raises(Misconfigured) as refused:
        read_workbook(file)
    assert "第 2 行“店铺名称”：单元格是 Excel 的错误值" in str(refused.value)
    assert "第 2 行“费率”：单元格是 Excel 的错误值" in str(refused.value)


def _edited(tmp_path: Path, edit: Callable[[Any], None], *, shops: int = 3) -> Path:
    """A workbook of shops 101, 102 …, changed in its sheet 店铺."""
    file = shop_book(tmp_path, [SHOP | {"店铺编号": 101 + n, "负责人账号": f"who.{n}"} for n in range(shops)], [FEE])
    book = load_workbook(file)
    edit(book["店铺"])
    book.save(file)
    return file


def _owner_or_mistake(file: Path) -> str:
    try:
        return read_workbook(file).shops[0].owner
    except Misconfigured as refused:
        return str(refused)


def test_a_cell_merged_down_a_column_is_every_rows(tmp_path: Path) -> None:
    def edit(sheet: Any) -> None:
        sheet.merge_cells("D2:D4")
        sheet.merge_cells("E3:E9")  # beyond the last shop: these are no shops
        sheet["H9"] = "备注"

    file = _edited(tmp_path, edit)
    assert [shop.owner for shop in read_workbook(file).shops] == ["who.0"] * 3
    assert [shop.province for shop in read_workbook(file).shops] == ["浙江"] * 3
    assert {shop[2] for shop in read_shops(file).values()} == {"who.0"}  # by make verify's own reader


@pytest.mark.parametrize(
    ("area", "message"),
    [
        ("C2:D2", "工作表“店铺”第 2 行“负责人账号”：C2:D2 把几列合并了，取消合并后分别填写"),
        ("D3:E4", "工作表“店铺”第 4 行“省份”：D3:E4 把几列合并了"),
        ("D1:D2", "工作表“店铺”第 2 行“负责人账号”：D1:D2 把表头与数据合并了，取消合并后分别填写"),
        ("A2:A3", "工作表“店铺”第 3 行“店铺编号”：与前面的行重复"),
    ],
)
def test_a_merge_that_could_mean_several_things_is_named(tmp_path: Path, area: str, message: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_workbook(_edited(tmp_path, lambda sheet: sheet.merge_cells(area)))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("value", "owner"),
    [
        (1001, "1001"), (1001.0, "1001"), ("１００1", "１００1"), (" zhang.wei\u3000", "zhang.wei"),
        ("\u200bzhang.wei\ufeff", "zhang.wei"), ("\u200b \u3000", ""), (None, ""),
        ("=B2", "公式没有存下结果（用 Excel 打开并保存一次）"), ("#N/A", "单元格是 Excel 的错误值"),
        (datetime(2026, 1, 2), "“2026-01-02 00:00:00”不对"), (True, "“True”不对"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_an_owner_is_what_excel_shows_or_a_named_mistake_never_silently_nobody(
    tmp_path: Path, value: Any, owner: str
) -> None:
    def edit(sheet: Any) -> None:
        sheet["D2"] = value

    shown = _owner_or_mistake(_edited(tmp_path, edit, shops=1))
    assert shown == owner or f"工作表“店铺”第 2 行“负责人账号”：{owner}" in shown


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    file = _edited(tmp_path, lambda sheet: None)
    with ZipFile(file, "a", ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet9.xml", " " * 21 * 2**20)
    with pytest.raises(Misconfigured, match=r"解压后有 21 MB.*\n?.*删去"):
        read_workbook(file)


def test_a_computed_rate_is_what_excel_shows(tmp_path: Path) -> None:
    assert read_workbook(shop_book(tmp_path, [SHOP], [FEE | {"费率": 0.1 + 0.2}])).fees[0].fee_rate == Decimal("0.3")


def test_blanks_around_headers_do_not_matter(tmp_path: Path) -> None:
    shop = {f" {name} ": value for name, value in SHOP.items()}
    assert read_workbook(shop_book(tmp_path, [shop], [FEE])).shops[0].shop_name == "天猫旗舰店"


def test_a_missing_sheet_is_named(tmp_path: Path) -> None:
    pd.DataFrame([SHOP]).to_excel(tmp_path / "shops.xlsx", sheet_name="店铺", index=False)
    with pytest.raises(Misconfigured, match="没有工作表“费率”"):
        read_workbook(tmp_path / "shops.xlsx")


def test_a_file_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "shops.xlsx").write_text("no workbook")
    with pytest.raises(Misconfigured, match="读不出来"):
        read_workbook(tmp_path / "shops.xlsx")
    with pytest.raises(Misconfigured, match=r"读不到店铺表 .*none\.xlsx"):
        read_workbook(tmp_path / "none.xlsx")
