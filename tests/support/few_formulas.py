"""Computes the few formulas of our Excel files, as Excel would, from the cells alone."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_RANGE = re.compile(r"(?:'((?:[^']|'')+)'!)?([A-Z]+)(\d+):[A-Z]+(\d+)")
_AMOUNT = re.compile(r'=IF\(([A-Z]+\d+)="","",([A-Z]+\d+)\*\1\)')
_OVER = re.compile(r"=(SUM|COUNTA|SUBTOTAL)\((?:109,)?(.+)\)")


def computed(book: Any, sheet: Any, value: Any) -> Any:
    """Return what a cell's ``value`` comes to: itself, or the result of its formula; '' for an empty text. Raises
    ValueError for a formula that no file of ours has."""
    if not isinstance(value, str) or not value.startswith("="):
        return value
    if found := _AMOUNT.fullmatch(value):
        price, qty = (sheet[cell].value for cell in found.groups())
        return "" if price is None else Decimal(str(qty)) * Decimal(str(price))
    found, place = _OVER.fullmatch(value), _RANGE.search(value)
    if not found or not place:
        raise ValueError(value)
    name, letter, first, last = place.groups()
    other = book[name.replace("''", "'")] if name else sheet
    cells = [computed(book, other, other[f"{letter}{row}"].value) for row in range(int(first), int(last) + 1)]
    if found[1] == "COUNTA":
        return sum(cell is not None for cell in cells)
    return sum((Decimal(str(cell)) for cell in cells if cell not in (None, "")), Decimal(0))
