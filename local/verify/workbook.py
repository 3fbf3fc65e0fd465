"""The shops' workbook, read without the product's reader: labels of the shops and their platform fee rates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped]

from local.layout import ROOT
from local.verify.problem import CannotCompare
from local.verify.values import divided

WORKBOOK = ROOT / "include" / "config" / "shops.xlsx"
Shop = tuple[str, str, str, str, int]
"""Name, platform, account of the person in charge, province, active (1 or 0)."""
_SHOP = ("店铺编号", "店铺名称", "平台", "负责人账号", "省份", "启用")
_SCALE = 6


class FeeRates:
    """``rates``: (shop_id, first day in force, rate with at most six decimals; 0.05 = 5 %)."""

    def __init__(self, rates: Iterable[tuple[int, date, Decimal]]) -> None:
        self._steps: dict[int, tuple[list[str], list[int]]] = {}
        for shop_id, valid_from, rate in sorted(rates):
            days, values = self._steps.setdefault(shop_id, ([], []))
            days.append(f"{valid_from:%Y-%m-%d}")
            values.append(int(rate.scaleb(_SCALE)))

    def fee(self, paid: int, shop_id: int, io_date: str | None) -> int:
        """Cents of ``paid`` cents at the rate in force on the day of ``io_date``; 0 for what has not shipped."""
        days, values = self._steps.get(shop_id, ([], []))
        place = bisect_right(days, io_date[:10]) if io_date else 0
        return divided(paid * values[place - 1], 10**_SCALE) if place else 0


def read_fees(path: Path = WORKBOOK) -> FeeRates:
    """Raises CannotCompare when the sheet 费率 cannot be read."""
    try:
        return FeeRates(_rate(*row) for row in _rows(path, "费率", ("店铺编号", "生效日期", "费率")))
    except _BROKEN as problem:
        raise _unreadable(path, "费率", problem) from problem


def read_shops(path: Path = WORKBOOK) -> dict[str, Shop]:
    """By shop id. Raises CannotCompare when the sheet 店铺 cannot be read."""
    try:
        return {str(int(str(row[0]))): _shop(*row[1:]) for row in _rows(path, "店铺", _SHOP)}
    except _BROKEN as problem:
        raise _unreadable(path, "店铺", problem) from problem


_BROKEN = (OSError, KeyError, ValueError, TypeError, ArithmeticError)


def _rows(path: Path, sheet: str, columns: tuple[str, ...]) -> list[list[Any]]:
    cells = load_workbook(BytesIO(path.read_bytes()), data_only=True)[sheet].iter_rows(values_only=True)
    header, *rows = [row for row in cells if any(cell is not None for cell in row)]
    places = [header.index(name) for name in columns]
    return [[row[place] for place in places] for row in rows]


def _rate(shop_id: object, valid_from: object, rate: object) -> tuple[int, date, Decimal]:
    day = valid_from.date() if isinstance(valid_from, datetime) else date.fromisoformat(str(valid_from))
    return int(str(shop_id)), day, Decimal(str(rate))


def _shop(*cells: object) -> Shop:
    name, platform, owner, province, active = ("" if cell is None else str(cell).strip() for cell in cells)
    return name, platform, owner, province, int(active == "是")


def _unreadable(path: Path, sheet: str, problem: Exception) -> CannotCompare:
    return CannotCompare(f"{path.name} 的工作表“{sheet}”读不出来（{problem}）：请检查后重试")
