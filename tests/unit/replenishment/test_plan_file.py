"""The file of a plan, opened as a buyer opens it: sums that hold, texts that stay texts, pages that print."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from jst.clock import SHANGHAI
from jst.replenishment.plan_file import Heading, file_name, plan_file
from jst.replenishment.plan_lines import FileLine
from tests.support.few_formulas import computed

MADE = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)
HEADING = Heading(12, MADE, "cai.gou", {"覆盖天数": "14 天", "预算": "5,000 元"})
NUMBER = "202509160001234567"


def line(sku_id: str = "A-1", qty: int = 10, **changes: Any) -> FileLine:
    facts = {
        "kind": "order", "sku_name": "云杉", "properties": "红;XL", "i_id": "K1", "category": "鞋",
        "warehouse": "杭州", "from_warehouse": "", "available_qty": Decimal(3), "in_transit_qty": Decimal(0),
        "daily_demand": Decimal("2.5"), "run_out_day": date(2026, 3, 9), "needed_qty": qty, "reason": "缺货",
        "cost_price": Decimal("12.50"),
    }  # fmt: skip
    return FileLine(sku_id=sku_id, qty=qty, **{**facts, **changes})


LINES = [
    line(NUMBER, 10),
    line("007", 4, cost_price=Decimal("0.10"), warehouse="北京'*仓"),
    line("B", 5, cost_price=Decimal(0)),
    line("C", 6, kind="move", from_warehouse="北京'*仓"),
]


def opened(lines: list[FileLine], *, results: bool = False) -> Any:
    return load_workbook(BytesIO(plan_file(HEADING, lines)), data_only=results)


def by_title(sheet: Any, row: int = 2) -> dict[str, Any]:
    return dict(zip([cell.value for cell in sheet[1]], sheet[row], strict=True))


def test_every_formula_computes_and_comes_to_what_is_stored_beside_it() -> None:
    book, stored = opened(LINES), opened(LINES, results=True)
    seen = 0
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            result, shown = computed(book, sheet, cell.value), stored[sheet.title][cell.coordinate].value
            assert (result == "" and shown is None) or float(result) == float(shown), (sheet.title, cell.coordinate)
            seen += 1
    assert seen == 3 + 5 + 3 * 3 + 2
    sums = {row[0]: row[1:] for row in stored["汇总"].iter_rows(min_row=8, values_only=True)}
    assert sums["采购 杭州"] == (2, 15, 125)
    assert sums["采购合计"] == (3, 19, pytest.approx(125.4))
    assert sums["调拨"] == (1, 6, None)


def test_a_price_that_is_filled_in_reaches_every_sum() -> None:
    book = opened([line(qty=10, cost_price=None), line("B", 5, cost_price=None)])
    sheet = book["采购 杭州"]
    assert ("单价", "淡黄色的格子请填写，金额自动算出") in [row[:2] for row in book["汇总"].iter_rows(values_only=True)]
    for row, price in ((2, 3), (3, 1.5)):
        by_title(sheet, row)["单价（元）"].value = price
    assert computed(book, sheet, by_title(sheet, 4)["金额（元）"].value) == Decimal("37.5")
    (total,) = [row[3] for row in book["汇总"].iter_rows() if row[0].value == "采购合计"]
    assert computed(book, book["汇总"], "=SUM('采购 杭州'!L2:L3)") == Decimal("37.5")
    assert total.value.startswith("=SUM(D")


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "=1+1", "#REF!", "\t=1", "a\x01b", NUMBER, "007"]
)
def test_a_text_stays_a_text(name: str) -> None:
    sheet = opened([line(name, sku_name=name)])["采购 杭州"]
    for title in ("商品编码", "商品名称"):
        cell = by_title(sheet)[title]
        assert (cell.value, cell.data_type, cell.number_format) == (name.replace("\x01", ""), "s", "@")
        assert bool(cell.quotePrefix) == (name[0] in "=+-@")


def test_a_sheet_can_be_read_filtered_and_printed() -> None:
    book = opened(LINES)
    assert book.sheetnames == ["汇总", "采购 北京'_仓", "采购 杭州", "调拨"]
    for sheet in book.worksheets[1:]:
        last = sheet.max_row - 1
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("B2", "$1:$1")
        assert sheet.auto_filter.ref.endswith(str(last)), "the sums are filtered away"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
            "landscape", 1, 0,
        )  # fmt: skip
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "补货计划 12" in sheet.oddHeader.center.text
        assert all(sheet.column_dimensions[cell.column_letter].width >= 10 for cell in sheet[1])
    cells = by_title(book["采购 杭州"])
    assert {title: cells[title].number_format for title in ("数量", "单价（元）", "金额（元）", "预计卖完")} == {
        "数量": "#,##0", "单价（元）": "#,##0.00", "金额（元）": "#,##0.00", "预计卖完": "yyyy-mm-dd",
    }  # fmt: skip
    assert cells["预计卖完"].value.date() == date(2026, 3, 9)
    assert book.calculation.fullCalcOnLoad


@pytest.mark.parametrize(("needed", "shown"), [(10, False), (40, True)])
def test_what_the_budget_cut_is_shown(needed: int, shown: bool) -> None:
    titles = [cell.value for cell in opened([line(qty=10, needed_qty=needed)])["采购 杭州"][1]]
    assert ("不限预算时" in titles) == shown


def test_the_summary_says_what_was_asked_when_and_by_whom() -> None:
    rows = [row[:2] for row in opened([]).active.iter_rows(values_only=True)]
    assert {("生成", "2026-03-08 09:30（北京时间），库存与销量截至这时"), ("谁要的", "cai.gou")} < set(rows)
    assert {("覆盖天数", "14 天"), ("预算", "5,000 元"), ("没有要补的商品", None)} < set(rows)
    assert file_name(HEADING) == "补货计划-12-20260308-0930.xlsx"


def test_warehouses_whose_names_excel_would_take_for_one_get_a_sheet_each() -> None:
    names = ["仓" * 40, "仓" * 40 + "二", "ab", "AB"]
    book = opened([line(warehouse=name) for name in names])
    assert len(book.sheetnames) == 5
    assert len({name.lower() for name in book.sheetnames}) == 5
    assert max(map(len, book.sheetnames)) <= 31
