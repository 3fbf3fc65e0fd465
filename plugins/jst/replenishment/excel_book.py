"""Excel files that people send on: texts that stay texts, formulas with their results, sheets that print on A4."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

Value = str | int | Decimal | date | None
_FORMULA_SIGNS = ("=", "+", "-", "@")
_UNFIT = re.compile(r"[\[\]:*?/\\]|^'|'$")
_LONGEST_NAME = 31
_FORMATS = {"number": "#,##0", "decimal": "#,##0.00", "money": "#,##0.00", "day": "yyyy-mm-dd"}
_TOP, _WRAPPED = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
_BOLD, _HEAD, _TO_FILL = Font(bold=True), PatternFill("solid", fgColor="DCE6F1"), PatternFill("solid", fgColor="FFF8DC")
_A4 = 9
_FORMULA = re.compile(r'(<c r="([A-Z]+\d+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)')


class ExcelBook:
    """A file while it is made. ``title``: stands above every printed page."""

    def __init__(self, title: str) -> None:
        self._title, self._book = title, Workbook()
        self._book.remove(self._book.active)
        self._book.calculation.fullCalcOnLoad = True
        self._results: list[dict[str, Any]] = []

    def sheet(self, wanted: str, widths: Sequence[int]) -> Worksheet:
        """Add a sheet with columns so wide, in characters, that prints on pages as wide as A4 across. Its name is the
        one that is wanted, as far as Excel accepts it and no other sheet has it."""
        taken = {name.lower() for name in self._book.sheetnames}
        name = next(name for name in _names(_UNFIT.sub("_", wanted)) if name.lower() not in taken)
        sheet = self._book.create_sheet(name)
        self._results.append({})
        for place, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddHeader.center.text = f"{self._title}　&A"
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
        return sheet

    def head(self, sheet: Worksheet, row: int, titles: Sequence[str]) -> None:
        """Write the titles of columns."""
        for place, title in enumerate(titles, 1):
            cell = sheet.cell(row, place)
            put(cell, title, "wrapped")
            cell.font, cell.fill = _BOLD, _HEAD

    def formula(
        self, sheet: Worksheet, cell: str, formula: str, result: Value, form: str, *, bold: bool = False
    ) -> None:
        """Write a formula and what it comes to, None for an empty text."""
        target = sheet[cell]
        target.value, target.number_format, target.alignment = formula, _FORMATS[form], _TOP
        if bold:
            target.font = _BOLD
        if result is not None:
            self._results[self._book.index(sheet)][cell] = result

    def packed(self) -> bytes:
        """Return the file, with what the formulas come to beside them: the preview of a phone computes nothing and
        would show no amount."""
        made, filled = BytesIO(), BytesIO()
        self._book.save(made)
        with ZipFile(made) as source, ZipFile(filled, "w", ZIP_DEFLATED) as target:
            for entry in source.infolist():
                content = source.read(entry)
                if found := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", entry.filename):
                    content = _with_results(content.decode(), self._results[int(found[1]) - 1]).encode()
                target.writestr(entry, content)
        return filled.getvalue()


def put(cell: Cell, value: Value, form: str = "text") -> None:
    """Write a value. A text stays one, whatever it begins with: the name of a product must not run as a formula, and a
    long number must not be rounded."""
    if isinstance(value, str):
        cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", value), "s"
        if value.startswith(_FORMULA_SIGNS):
            cell.quotePrefix = True
    else:
        cell.value = value
    cell.alignment, cell.number_format = _WRAPPED if form == "wrapped" else _TOP, _FORMATS.get(form, "@")


def to_fill(cell: Cell) -> None:
    """Mark a number that is to be filled in by hand."""
    cell.fill, cell.number_format = _TO_FILL, _FORMATS["money"]


def _names(plain: str) -> Iterator[str]:
    yield plain[:_LONGEST_NAME]
    for number in count(2):
        yield f"{plain[: _LONGEST_NAME - 3]} {number}"


def _with_results(sheet: str, results: Mapping[str, Any]) -> str:
    return _FORMULA.sub(lambda cell: f"{cell[1]}<v>{results[cell[2]]}</v>" if cell[2] in results else cell[0], sheet)
