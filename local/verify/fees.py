"""Platform fee rates as the workbook says them, read without the product's reader."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook  # type: ignore[import-untyped]

from local.layout import ROOT
from local.verify.problem import CannotCompare
from local.verify.values import divided

WORKBOOK = ROOT / "include" / "config" / "shops.xlsx"
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
        sheet = load_workbook(BytesIO(path.read_bytes()), data_only=True)["费率"]
        header, *rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
        places = [header.index(name) for name in ("店铺编号", "生效日期", "费率")]
        return FeeRates(_rate(*(row[place] for place in places)) for row in rows)
    except (OSError, KeyError, ValueError, TypeError, ArithmeticError) as problem:
        raise CannotCompare(f"{path.name} 的工作表“费率”读不出来（{problem}）：请检查后重试") from problem


def _rate(shop_id: object, valid_from: object, rate: object) -> tuple[int, date, Decimal]:
    day = valid_from.date() if isinstance(valid_from, datetime) else date.fromisoformat(str(valid_from))
    return int(str(shop_id)), day, Decimal(str(rate))
