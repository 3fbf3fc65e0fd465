"""Read the sheets of a workbook that people edit: rows of cells, and a sentence for every cell that cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pandas as pd

from jst.errors import Misconfigured

MOST_NAMED = 20
"""Mistakes that one error lists; a sheet whose columns slipped has one in every row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet; ``number`` as Excel counts. ``mistakes``: those of the whole workbook."""

    sheet: str
    number: int
    cells: dict[str, Any]
    mistakes: list[str] = field(repr=False)

    def read(self, column: str, convert: Callable[[Any], Any], expected: str) -> Any:
        """Return the cell as ``convert`` makes it; where that raises, None, and a mistake saying what was
        ``expected``."""
        value = self.cells[column]
        if value != value:  # NaN stands for #N/A, #REF! and the like: as text it would be a shop called nan
            return self.wrong(column, f"单元格是 Excel 的错误值，应为{expected}")
        try:
            return convert(value.strip() if isinstance(value, str) else value)
        except (ValueError, TypeError, ArithmeticError):
            shown = "空" if value == "" else f"“{value}”"
            return self.wrong(column, f"{shown}不对，应为{expected}")

    def wrong(self, column: str, what: str) -> None:
        """Note a mistake of this row."""
        self.mistakes.append(f"工作表“{self.sheet}”第 {self.number} 行“{column}”：{what}")


class Workbook:
    """An Excel file, read once. Raises Misconfigured when it is none."""

    def __init__(self, content: bytes, name: str) -> None:
        self._name = name
        self._mistakes: list[str] = []
        try:
            sheets = pd.read_excel(BytesIO(content), sheet_name=None, dtype=object, keep_default_na=False)
        except Exception as error:  # openpyxl and zipfile raise what they like on a file that is no workbook
            raise Misconfigured(
                f"店铺表 {name} 读不出来（{type(error).__name__}），沿用上一份正确的",
                do="用 Excel 打开检查后另存为 .xlsx",
            ) from error
        self._sheets = {str(title).strip(): frame for title, frame in sheets.items()}

    def read_rows(self, sheet: str, columns: tuple[str, ...], *, optional: bool = False) -> list[Row]:
        """Read the rows that are not blank; where the sheet or a column is missing, none, and a mistake. An
        ``optional`` sheet may be missing."""
        if sheet not in self._sheets:
            if not optional:
                self._mistakes.append(f"没有工作表“{sheet}”")
            return []
        frame = self._sheets[sheet]
        names = [str(name).strip() for name in frame.columns]
        missing = [column for column in columns if column not in names]
        self._mistakes += [f"工作表“{sheet}”第 1 行“{column}”：缺少这一列" for column in missing]
        if missing:
            return []
        rows = [
            Row(sheet, number, dict(zip(names, cells, strict=True)), self._mistakes)
            for number, cells in enumerate(frame.to_numpy(), 2)
        ]
        rows = [row for row in rows if any(row.cells[column] not in ("", None) for column in columns)]
        if not rows and not optional:  # read as it is, it would remove every shop
            self._mistakes.append(f"工作表“{sheet}”一行也没有")
        return rows

    def raise_mistakes(self) -> None:
        """Raise Misconfigured listing the mistakes, if there are any."""
        found = self._mistakes
        if found:
            more = f"；还有 {len(found) - MOST_NAMED} 处" if len(found) > MOST_NAMED else ""
            raise Misconfigured(
                f"店铺表 {self._name} 有 {len(found)} 处错误，沿用上一份正确的：{'；'.join(found[:MOST_NAMED])}{more}",
                do=f"改正 {self._name}，下一次运行自动读取；改正前一切照旧",
            )


def note_repetitions(rows: Sequence[Row], column: str, keys: Sequence[tuple[Hashable, ...]]) -> None:
    """Note a mistake for every row whose key stood before; a key that could not be read repeats nothing."""
    seen: set[tuple[Hashable, ...]] = set()
    for row, key in zip(rows, keys, strict=True):
        if key in seen and None not in key:
            row.wrong(column, "与前面的行重复")
        seen.add(key)


def parse_positive(value: Any) -> int:
    """Parse a positive integer. Raises ValueError or ArithmeticError."""
    number = Decimal(str(value))
    if isinstance(value, bool) or number != int(number) or number <= 0:
        raise ValueError(value)
    return int(number)


def parse_text(value: Any) -> str:
    """Parse a text that is not empty. Raises ValueError."""
    if not str(value):
        raise ValueError(value)
    return str(value)


def parse_yes(value: Any) -> bool:
    """Parse 是 or 否. Raises ValueError."""
    if value not in ("是", "否"):
        raise ValueError(value)
    return bool(value == "是")


def parse_day(value: Any) -> date:
    """Parse a date. Raises ValueError or TypeError."""
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value)


def parse_rate(value: Any) -> Decimal:
    """Parse a share from 0 to less than 1, of at most six decimals. Raises ValueError or ArithmeticError."""
    # Excel computes in floats and shows 15 digits: what it shows as 0.051 may be kept as 0.051000000000000004.
    share = Decimal(format(value, ".15g") if isinstance(value, float) else str(value))
    if isinstance(value, bool) or not 0 <= share < 1 or share != share.quantize(Decimal("0.000001")):
        raise ValueError(value)
    return share
