"""A plan as an Excel file one can send: a summary, what to buy for each warehouse, what to move, and formulas that hold
when a quantity or a price is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openpyxl.styles import Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

from jst.clock import SHANGHAI
from jst.replenishment.excel_book import ExcelBook, Value, put, to_fill
from jst.replenishment.plan_lines import FileLine


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    width: int
    form: str
    value: Callable[[FileLine], Value]


_GOODS = (
    _Column("商品编码", 20, "text", lambda line: line.sku_id),
    _Column("商品名称", 28, "text", lambda line: line.sku_name),
    _Column("颜色规格", 16, "text", lambda line: line.properties),
    _Column("款式编码", 14, "text", lambda line: line.i_id),
    _Column("分类", 12, "text", lambda line: line.category),
)
_STATE = (
    _Column("可用库存", 10, "number", lambda line: line.available_qty),
    _Column("采购在途", 10, "number", lambda line: line.in_transit_qty),
    _Column("预计日销", 10, "decimal", lambda line: line.daily_demand),
    _Column("预计卖完", 12, "day", lambda line: line.run_out_day),
)
_QTY = _Column("数量", 10, "number", lambda line: line.qty)
_NEEDED = _Column("不限预算时", 11, "number", lambda line: line.needed_qty)
_PRICE = _Column("单价（元）", 11, "money", lambda line: line.cost_price or None)
_AMOUNT = _Column("金额（元）", 14, "money", lambda line: None)
_REASON = _Column("为什么", 70, "wrapped", lambda line: line.reason)
_FROM = _Column("调出仓库", 14, "text", lambda line: line.from_warehouse)
_TO = _Column("调入仓库", 14, "text", lambda line: line.warehouse)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the summary says above the sums. ``params``: title → value with its unit."""

    number: int
    made_at: datetime
    asked_by: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A sheet of lines: its name, the letters of its columns of quantity and of amount (where there is one), its last
    line, its sums: lines, pieces, yuan."""

    name: str
    qty: str
    amount: str
    last: int
    sums: tuple[int, int, Decimal]

    def whole(self, letter: str) -> str:
        """Refer to a column of all lines from another sheet."""
        quoted = self.name.replace("'", "''")
        return f"'{quoted}'!{letter}2:{letter}{self.last}"


def plan_file(heading: Heading, lines: Sequence[FileLine]) -> bytes:
    """Pack a plan. Prices that are not known, or not for this reader, are left to be filled in by hand."""
    book = ExcelBook(f"补货计划 {heading.number}")
    summary = book.sheet("汇总", (26, 22, 14, 18))
    orders = [line for line in lines if line.kind == "order"]
    cut = (_NEEDED,) if any(line.needed_qty != line.qty for line in orders) else ()
    parts = [
        _lines(
            book,
            f"采购 {warehouse}",
            (*_GOODS, *_STATE, *cut, _QTY, _PRICE, _AMOUNT, _REASON),
            [line for line in orders if line.warehouse == warehouse],
        )
        for warehouse in sorted({line.warehouse for line in orders})
    ]
    if moves := [line for line in lines if line.kind == "move"]:
        parts.append(_lines(book, "调拨", (*_GOODS, _FROM, _TO, *_STATE, _QTY, _REASON), moves))
    unpriced = any(not line.cost_price for line in orders)
    _summary(book, summary, heading, parts, {"单价": "淡黄色的格子请填写，金额自动算出"} if unpriced else {})
    return book.packed()


def file_name(heading: Heading) -> str:
    """Name the file after its plan."""
    return f"补货计划-{heading.number}-{heading.made_at.astimezone(SHANGHAI):%Y%m%d-%H%M}.xlsx"


def _lines(book: ExcelBook, name: str, columns: Sequence[_Column], lines: Sequence[FileLine]) -> _Part:
    """Add a sheet with a row for each line, its header kept in sight and on every printed page, and the sums below."""
    sheet = book.sheet(name, [column.width for column in columns])
    letters = {column.title: get_column_letter(place) for place, column in enumerate(columns, 1)}
    qty, price, amount = (letters.get(column.title, "") for column in (_QTY, _PRICE, _AMOUNT))
    book.head(sheet, 1, [column.title for column in columns])
    for row, line in enumerate(lines, 2):
        for place, column in enumerate(columns, 1):
            put(sheet.cell(row, place), column.value(line), column.form)
        if amount:
            formula = f'=IF({price}{row}="","",{qty}{row}*{price}{row})'
            book.formula(sheet, f"{amount}{row}", formula, _amount(line) if line.cost_price else None, "money")
            if not line.cost_price:
                to_fill(sheet[f"{price}{row}"])
    last = len(lines) + 1
    sums = (len(lines), sum(line.qty for line in lines), sum(map(_amount, lines), Decimal(0)))
    put(sheet.cell(last + 1, 1), "合计")
    for letter, result, form in ((qty, sums[1], "number"), (amount, sums[2], "money")):
        if letter:
            formula = f"=SUBTOTAL(109,{letter}2:{letter}{last})"
            book.formula(sheet, f"{letter}{last + 1}", formula, result, form, bold=True)
    sheet.freeze_panes, sheet.print_title_rows = "B2", "1:1"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    return _Part(sheet.title, qty, amount, last, sums)


def _summary(
    book: ExcelBook, sheet: Worksheet, heading: Heading, parts: Sequence[_Part], more: Mapping[str, str]
) -> None:
    """Fill the first sheet: what the plan was made of, and the sums of the others."""
    put(sheet["A1"], f"补货计划 {heading.number}")
    sheet["A1"].font = Font(bold=True, size=16)
    made = f"{heading.made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}（北京时间），库存与销量截至这时"
    facts = {"生成": made, "谁要的": heading.asked_by, **heading.params, **more}
    for row, (title, value) in enumerate(facts.items(), 3):
        put(sheet.cell(row, 1), title)
        put(sheet.cell(row, 2), value)
    first = len(facts) + 5
    book.head(sheet, first - 1, ("工作表", "行数", "数量", "金额（元）"))
    bought = [part for part in parts if part.amount]
    for row, part in enumerate(bought, first):
        _sums(book, sheet, row, part)
    total = first + len(bought)
    if bought:
        put(sheet.cell(total, 1), "采购合计")
        for place, (letter, form) in enumerate((("B", "number"), ("C", "number"), ("D", "money"))):
            formula, result = f"=SUM({letter}{first}:{letter}{total - 1})", sum(part.sums[place] for part in bought)
            book.formula(sheet, f"{letter}{total}", formula, result, form, bold=True)
    for row, part in enumerate((part for part in parts if not part.amount), total + 1):
        _sums(book, sheet, row, part)
    if not parts:
        put(sheet.cell(first, 1), "没有要补的商品")


def _sums(book: ExcelBook, sheet: Worksheet, row: int, part: _Part) -> None:
    put(sheet.cell(row, 1), part.name)
    sheet.cell(row, 1).hyperlink = f"#{part.whole('A').split(':')[0]}"
    book.formula(sheet, f"B{row}", f"=COUNTA({part.whole('A')})", part.sums[0], "number")
    book.formula(sheet, f"C{row}", f"=SUM({part.whole(part.qty)})", part.sums[1], "number")
    if part.amount:
        book.formula(sheet, f"D{row}", f"=SUM({part.whole(part.amount)})", part.sums[2], "money")


def _amount(line: FileLine) -> Decimal:
    return line.qty * (line.cost_price or Decimal(0))
