"""Sheet 人员: who is concerned, found by sheet, row and column; a number stands in no error."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from jst.errors import Misconfigured
from jst.workbook.people import COLUMNS
from jst.workbook.shops import Shops, parse_workbook


def book(*people: tuple[Any, ...], sheet: bool = True) -> Shops:
    made = Workbook()
    shops = made.active
    shops.title = "店铺"
    shops.append(["店铺编号", "店铺名称", "平台", "负责人账号", "省份", "启用"])
    for number, owner in ((101, "zhang.wei"), (102, "li.na"), (103, "")):
        shops.append([number, f"店 {number}", "天猫", owner, "浙江", "是"])
    rates = made.create_sheet("费率")
    rates.append(["店铺编号", "生效日期", "费率"])
    rates.append([101, "2026-01-01", 0.05])
    if sheet:
        made.create_sheet("人员").append(list(COLUMNS))
        for person in people:
            made["人员"].append(list(person))
    content = BytesIO()
    made.save(content)
    return parse_workbook(content.getvalue(), "shops.xlsx")


def test_an_owner_and_who_names_a_shop_are_concerned_by_it() -> None:
    shops = book(
        ("zhang.wei", "张伟", 13800000101, "zw", "ou_zw", 101),
        ("boss", "王总", "+86 138-0000-0102", "", "", "101，103"),
    )
    owners = [(101, "zhang.wei"), (102, "li.na"), (101, "boss"), (103, "boss")]
    assert (shops.owners(), shops.unowned()) == (owners, [])
    assert [person.mobile for person in shops.persons] == ["13800000101", "13800000102"]
    assert "13800000101" not in repr(shops.persons[0])


def test_without_the_sheet_the_owners_remain_and_the_workbook_is_valid() -> None:
    shops = book(sheet=False)
    assert (shops.owners(), shops.unowned()) == ([(101, "zhang.wei"), (102, "li.na")], [103])


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (("a", "甲", "1380000010", "", "", ""), "工作表“人员”第 2 行“手机”：不是手机号"),
        (("a", "甲", "", "", "zhang", ""), "第 2 行“飞书账号”：“zhang”不对"),
        (("a", "甲", "", "", "", "101,abc"), "第 2 行“店铺编号”：“101,abc”不对"),
        (("a", "甲", "", "", "", "109"), "第 2 行“店铺编号”：“109”不在工作表“店铺”里"),
        (("", "甲", "", "", "", ""), "第 2 行“账号”：空不对"),
    ],
)
def test_a_wrong_cell_is_named_and_no_number_with_it(person: tuple[Any, ...], said: str) -> None:
    with pytest.raises(Misconfigured) as wrong:
        book(person, ("b", "乙", "", "", "", ""), ("b", "乙二", "", "", "", ""))
    assert said in str(wrong.value)
    assert "第 4 行“账号”：与前面的行重复" in str(wrong.value)
    assert "138000001" not in str(wrong.value)
