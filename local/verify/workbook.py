"""The workbook people edit, read without the product's reader: shops, fee rates, warehouses, questions of quality."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import load_workbook  # type: ignore[import-untyped]

from local.layout import SANDBOX_WORKBOOK
from local.verify.problem import CannotCompare
from local.verify.values import divided

Shop = tuple[str, str, str, str, int]
"""Name, platform, account of the person in charge, province, active (1 or 0)."""
_SHOP = ("店铺编号", "店铺名称", "平台", "负责人账号", "省份", "启用")
_SCALE = 6
T = TypeVar("T")


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


def read_fees(path: Path = SANDBOX_WORKBOOK) -> FeeRates:
    return FeeRates(_rows(path, "费率", ("店铺编号", "生效日期", "费率"), _rate))


def read_shops(path: Path = SANDBOX_WORKBOOK) -> dict[str, Shop]:
    """By shop id."""
    return dict(_rows(path, "店铺", _SHOP, lambda shop_id, *cells: (_number(shop_id), _shop(*cells))))


def read_places(path: Path = SANDBOX_WORKBOOK) -> dict[str, str]:
    """Province by warehouse id."""
    return dict(
        _rows(
            path, "仓库", ("仓库编号", "省份"), lambda house, province: (_number(house), _text(province)), optional=True
        )
    )


def read_quality(path: Path = SANDBOX_WORKBOOK) -> frozenset[str]:
    """Question types of after-sales that are questions of quality."""
    return frozenset(_rows(path, "质量问题", ("问题类型",), _text, optional=True))


def _rows(
    path: Path, sheet: str, columns: tuple[str, ...], read: Callable[..., T], *, optional: bool = False
) -> list[T]:
    """Read a sheet's rows. Raises CannotCompare when the sheet cannot be read."""
    try:
        book = load_workbook(BytesIO(path.read_bytes()), data_only=True)
        if optional and sheet not in book.sheetnames:
            return []
        header, *rows = book[sheet].iter_rows()
        places = [[cell.value for cell in header].index(name) for name in columns]
        wanted = [[row[place] for place in places] for row in rows]
        merged = _merged(book[sheet])
        return [
            read(*(merged.get(cell.coordinate, cell.value) for cell in cells))
            for cells in wanted
            if any(cell.value is not None for cell in cells)
        ]
    except (OSError, KeyError, ValueError, TypeError, ArithmeticError) as problem:
        raise CannotCompare(f"{path.name} 的工作表“{sheet}”读不出来（{problem}）：请检查后重试") from problem


def _merged(sheet: Any) -> dict[str, Any]:
    """Value of each cell merged down a column: that of the topmost."""
    columns = [area for area in sheet.merged_cells.ranges if area.min_col == area.max_col]
    return {sheet.cell(*place).coordinate: area.start_cell.value for area in columns for place in area.cells}


def _rate(shop_id: object, valid_from: object, rate: object) -> tuple[int, date, Decimal]:
    day = valid_from.date() if isinstance(valid_from, datetime) else date.fromisoformat(str(valid_from))
    return int(str(shop_id)), day, Decimal(str(rate))


def _shop(*cells: object) -> Shop:
    name, platform, owner, province, active = map(_text, cells)
    return name, platform, owner, province, int(active == "是")


def _number(cell: object) -> str:
    return str(int(str(cell)))


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
