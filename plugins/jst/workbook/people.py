"""Sheet 人员 of the shops workbook: who is concerned by which shop, and how to reach them.

A mobile number is read when a message leaves and goes into its mention, nowhere else: no table, no log, no error.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from jst.workbook.sheets import Row, Workbook, note_repetitions, parse_label, parse_positive, parse_text

SHEET = "人员"
COLUMNS = ("账号", "姓名", "手机", "钉钉账号", "飞书账号", "店铺编号")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_SEPARATORS = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True, slots=True)
class Person:
    """A person. ``shops``: those they are concerned with beside the ones whose 负责人账号 they are."""

    account: str
    name: str
    mobile: str = field(default="", repr=False)
    dingtalk_id: str = ""
    feishu_id: str = ""
    shops: tuple[int, ...] = ()


def read_people(book: Workbook, known: Collection[int]) -> tuple[Person, ...]:
    """Read the sheet; without it there is no person. ``known``: the workbook's shops. Mistakes are noted in ``book``,
    and none shows a number."""
    rows = book.read_rows(SHEET, COLUMNS, optional=True)
    people = tuple(map(_person, rows))
    note_repetitions(rows, "账号", [(person.account,) for person in people])
    for row, person in zip(rows, people, strict=True):
        for shop_id in set(person.shops) - set(known) if known else ():
            row.wrong("店铺编号", f"“{shop_id}”不在工作表“店铺”里")
    return people


def _person(row: Row) -> Person:
    return Person(
        account=row.read("账号", parse_text, "非空文字"),
        name=row.read("姓名", parse_text, "非空文字"),
        mobile=_mobile(row),
        dingtalk_id=row.read("钉钉账号", parse_label, "文字"),
        feishu_id=row.read("飞书账号", _feishu_id, "ou_ 开头的 open_id，或留空"),
        shops=row.read("店铺编号", _shops, "店铺编号，几个之间用逗号") or (),
    )


def _mobile(row: Row) -> str:
    """Read the number. What is wrong with it is said without it."""
    try:
        number = re.sub(r"^\+?86(?=1)", "", re.sub(r"[-\s]", "", parse_label(row.cells["手机"])))
        if not number or _MOBILE.fullmatch(number):
            return number
    except (ValueError, TypeError):
        pass
    row.wrong("手机", "不是手机号，应为：11 位数字，或留空")
    return ""


def _feishu_id(value: Any) -> str:
    text = parse_label(value)
    if text and not text.startswith("ou_"):
        raise ValueError(value)
    return text


def _shops(value: Any) -> tuple[int, ...]:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return tuple(dict.fromkeys(parse_positive(part) for part in _SEPARATORS.split(text.strip()) if part))
