"""Read the sheets of a workbook that people edit: rows of cells, and a sentence for every cell that cannot be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped]

from jst.errors import Misconfigured

MOST_NAMED = 20
"""Mistakes that one error lists; a sheet whose columns slipped has one in every row."""
_LARGEST_BYTES = 20 * 2**20
"""Unpacked; a sheet formatted down to the last row Excel has would take gigabytes of memory."""
_unseen = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell shows nothing although it is not left empty: an empty owner is a shop without one."""

    what: str


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
        if isinstance(value, Fault):
            return self.wrong(column, f"{value.what}，应为：{expected}")
        try:
            return convert(value.strip() if isinstance(value, str) else value)
        except (ValueError, TypeError, ArithmeticError):
            shown = "空" if value == "" else f"“{value}”"
            return self.wrong(column, f"{shown}不对，应为：{expected}")

    def wrong(self, column: str, what: str) -> None:
        """Note a mistake of this row."""
        self.mistakes.append(f"工作表“{self.sheet}”第 {self.number} 行“{column}”：{what}")


class _Sheet:
    """The cells of one sheet. ``values`` as Excel computed them, ``formulas`` as they were written."""

    def __init__(self, values: Any, formulas: Any) -> None:
        self._values, self._formulas = values, formulas
        header = next(values.iter_rows(max_row=1, values_only=True))
        self.places = {str(name).strip(): place for place, name in reversed([*enumerate(header)])}

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield number and cells of the rows that have something of their own, not only what is merged into them."""
        for number, cells in enumerate(self._values.iter_rows(min_row=2), 2):
            wanted = {column: cells[self.places[column]] for column in columns}
            if any(self._shown(cell) != "" for cell in wanted.values()):
                yield number, {column: self._merged(cell) for column, cell in wanted.items()}

    def _shown(self, cell: Any) -> Any:
        """Return what a cell shows by itself, '' where it shows nothing."""
        if cell.data_type == "e":  # #N/A, #REF! and the like: as text it would be a shop of that name
            return Fault("单元格是 Excel 的错误值")
        if cell.value is None:
            uncomputed = self._formulas[cell.coordinate].data_type == "f"
            return Fault("公式没有存下结果（用 Excel 打开并保存一次）") if uncomputed else ""
        text = _unseen.sub("", cell.value) if isinstance(cell.value, str) else cell.value
        return "" if isinstance(text, str) and not text.strip() else text

    def _merged(self, cell: Any) -> Any:
        """Return the value of the merged area a cell lies in, else its own. Down a column it is every row's; what it
        would mean in another column is not guessed at."""
        for area in self._values.merged_cells.ranges:
            inside = area.min_row <= cell.row <= area.max_row and area.min_col <= cell.column <= area.max_col
            if not inside or (cell.row, cell.column) == (area.min_row, area.min_col):
                continue
            if area.min_row == 1:
                return Fault(f"{area} 把表头与数据合并了，取消合并后分别填写")
            if cell.column != area.min_col:
                return Fault(f"{area} 把几列合并了，取消合并后分别填写")
            return self._shown(area.start_cell)
        return self._shown(cell)


class Workbook:
    """An Excel file, read once. Raises Misconfigured when it is none."""

    def __init__(self, content: bytes, name: str) -> None:
        self._name = name
        self._mistakes: list[str] = []
        try:
            with ZipFile(BytesIO(content)) as parts:
                size = sum(part.file_size for part in parts.infolist() if part.filename.endswith(".xml"))
            if size <= _LARGEST_BYTES:
                values, formulas = (load_workbook(BytesIO(content), data_only=shown) for shown in (True, False))
                self._sheets = {
                    sheet.title.strip(): _Sheet(sheet, formulas[sheet.title]) for sheet in values.worksheets
                }
        except Exception as error:  # openpyxl and zipfile raise what they like on a file that is no workbook
            raise Misconfigured(
                f"店铺表 {name} 读不出来（{type(error).__name__}），沿用上一份正确的",
                do="用 Excel 打开检查后另存为 .xlsx",
            ) from error
        if size > _LARGEST_BYTES:
            raise Misconfigured(
                f"店铺表 {name} 解压后有 {size >> 20} MB，不像店铺表，沿用上一份正确的",
                do="删去数据下方设过格式的空行与不用的工作表，另存后自动读取",
            )

    def read_rows(self, sheet: str, columns: tuple[str, ...], *, optional: bool = False) -> list[Row]:
        """Read the rows that are not blank; where the sheet or a column is missing, none, and a mistake. An
        ``optional`` sheet may be missing."""
        if sheet not in self._sheets:
            if not optional:
                self._mistakes.append(f"没有工作表“{sheet}”")
            return []
        found = self._sheets[sheet]
        missing = [column for column in columns if column not in found.places]
        self._mistakes += [f"工作表“{sheet}”第 1 行“{column}”：缺少这一列" for column in missing]
        if missing:
            return []
        rows = [Row(sheet, number, cells, self._mistakes) for number, cells in found.rows(columns)]
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
    """Parse a text that is not empty, as ``parse_label`` does. Raises ValueError."""
    if not (text := parse_label(value)):
        raise ValueError(value)
    return text


def parse_label(value: Any) -> str:
    """Parse a text that may be empty, also one that Excel keeps as an integer. Raises ValueError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) not in (str, int):  # a date or a truth value is no name
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
