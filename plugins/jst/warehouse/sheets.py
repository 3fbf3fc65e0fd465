"""The sheets of a workbook people edit: rows of cells, and words for the first cell that cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from jst.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet; ``number`` as Excel counts."""

    sheet: str
    number: int
    cells: dict[str, Any]

    def read(self, column: str, convert: Callable[[Any], Any], expected: str) -> Any:
        """Raises Misconfigured saying what was ``expected`` where ``convert`` raises."""
        value = self.cells[column]
        try:
            return convert(value.strip() if isinstance(value, str) else value)
        except (ValueError, TypeError, ArithmeticError) as error:
            shown = "空" if value == "" else f"“{value}”"
            raise self.wrong(column, f"{shown}不对，应为{expected}") from error

    def wrong(self, column: str, what: str) -> Misconfigured:
        return _wrong(self.sheet, self.number, column, what)


class Workbook:
    """An Excel file, read once. Raises Misconfigured when it is missing or is none."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            self._sheets = pd.read_excel(path, sheet_name=None, dtype=object, keep_default_na=False)
        except FileNotFoundError as error:
            raise Misconfigured(f"找不到店铺表 {path.name}", do="把文件放回 include/config/") from error
        except Exception as error:  # openpyxl and zipfile raise what they like on a file that is no workbook
            raise Misconfigured(
                f"店铺表 {path.name} 读不出来（{type(error).__name__}）", do="用 Excel 打开检查后另存为 .xlsx"
            ) from error

    def rows(self, sheet: str, columns: tuple[str, ...], *, optional: bool = False) -> list[Row]:
        """Rows that are not blank; none of an ``optional`` sheet that is not there."""
        if sheet not in self._sheets:
            if optional:
                return []
            raise Misconfigured(f"店铺表 {self._name} 里没有工作表“{sheet}”", do="补上这张工作表后重试；改正前一切照旧")
        frame = self._sheets[sheet]
        for column in columns:
            if column not in frame.columns:
                raise _wrong(sheet, 1, column, "缺少这一列")
        rows = [
            Row(sheet, n, dict(zip(frame.columns, cells, strict=True))) for n, cells in enumerate(frame.to_numpy(), 2)
        ]
        return [row for row in rows if any(cell not in ("", None) for cell in row.cells.values())]


def no_repetition(rows: Sequence[Row], column: str, keys: Sequence[Hashable]) -> None:
    """Raises Misconfigured naming the first row whose key stood before."""
    seen: set[Hashable] = set()
    for row, key in zip(rows, keys, strict=True):
        if key in seen:
            raise row.wrong(column, "与前面的行重复")
        seen.add(key)


def whole(value: Any) -> int:
    """A positive number."""
    number = Decimal(str(value))
    if isinstance(value, bool) or number != int(number) or number <= 0:
        raise ValueError(value)
    return int(number)


def text(value: Any) -> str:
    """Not empty."""
    if not str(value):
        raise ValueError(value)
    return str(value)


def yes(value: Any) -> bool:
    if value not in ("是", "否"):
        raise ValueError(value)
    return bool(value == "是")


def day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value)


def rate(value: Any) -> Decimal:
    """A share from 0 to less than 1, of at most six decimals."""
    share = Decimal(str(value))
    if isinstance(value, bool) or not 0 <= share < 1 or share != share.quantize(Decimal("0.000001")):
        raise ValueError(value)
    return share


def _wrong(sheet: str, row: int, column: str, what: str) -> Misconfigured:
    return Misconfigured(
        f"店铺表的工作表“{sheet}”第 {row} 行“{column}”：{what}",
        do="改正 include/config/shops.xlsx 后重试；改正前一切照旧",
    )
