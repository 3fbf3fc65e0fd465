"""Shops and their platform fee rates: from the workbook people edit (``include/config/shops.xlsx``) to ``dim``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from clickhouse_driver import Client

from jst.errors import Misconfigured
from jst.warehouse.sql import INSERT_SETTINGS, statement


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop; ``owner`` is the account of the person in charge."""

    shop_id: int
    shop_code: str
    shop_name: str
    platform: str
    owner: str
    province: str
    active: bool


@dataclass(frozen=True, slots=True)
class Fee:
    """From ``valid_from`` on, ``fee_rate`` of the paid amount goes to the platform (0.05 = 5 %)."""

    shop_id: int
    valid_from: date
    fee_rate: Decimal


@dataclass(frozen=True, slots=True)
class Shops:
    """What a whole workbook says."""

    shops: tuple[Shop, ...]
    fees: tuple[Fee, ...]


def read_workbook(path: Path) -> Shops:
    """Raises Misconfigured naming sheet, row (as Excel counts) and column of the first cell that cannot be right."""
    shop_rows = _rows(path, "店铺", ("店铺编号", "店铺名称", "平台", "负责人账号", "省份", "启用"))
    fee_rows = _rows(path, "费率", ("店铺编号", "生效日期", "费率"))
    shops, fees = tuple(map(_shop, shop_rows)), tuple(map(_fee, fee_rows))
    _no_repetition(shop_rows, "店铺编号", [shop.shop_id for shop in shops])
    _no_repetition(fee_rows, "生效日期", [(fee.shop_id, fee.valid_from) for fee in fees])
    known = {shop.shop_id for shop in shops}
    for row, fee in zip(fee_rows, fees, strict=True):
        if fee.shop_id not in known:
            raise row.wrong("店铺编号", f"“{fee.shop_id}”不在工作表“店铺”里")
    return Shops(shops, fees)


def store_shops(client: Client, shops: Shops) -> list[int]:
    """Make ``dim`` say what the workbook says; returns the ids of shops whose labels or rates changed, sorted."""
    changed = _store(client, "shop", [astuple(shop) for shop in shops.shops], key_columns=1)
    changed |= _store(client, "shop_fee", [astuple(fee) for fee in shops.fees], key_columns=2)
    return sorted(changed)


def _store(client: Client, table: str, rows: Sequence[tuple[Any, ...]], *, key_columns: int) -> set[int]:
    """One insert makes all of it visible at once: changed rows, and rows that left as deleted."""
    stored = {row[:key_columns]: row for row in client.execute(statement(f"shops/stored_{table}"))}
    wanted = {row[:key_columns]: row for row in rows}
    version = client.execute(statement(f"shops/version_{table}"))[0][0] + 1
    inserts = [(*row, version, 0) for key, row in wanted.items() if stored.get(key) != row]
    inserts += [(*row, version, 1) for key, row in stored.items() if key not in wanted]
    if inserts:
        client.execute(statement(f"shops/store_{table}"), inserts, settings=INSERT_SETTINGS)
    return {row[0] for row in inserts}


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a sheet, and where it stands."""

    sheet: str
    number: int
    cells: dict[str, Any]

    def read(self, column: str, convert: Callable[[Any], Any], expected: str) -> Any:
        value = self.cells[column]
        try:
            return convert(value.strip() if isinstance(value, str) else value)
        except (ValueError, TypeError, ArithmeticError) as error:
            shown = "空" if value == "" else f"“{value}”"
            raise self.wrong(column, f"{shown}不对，应为{expected}") from error

    def wrong(self, column: str, what: str) -> Misconfigured:
        return _wrong(self.sheet, self.number, column, what)


def _rows(path: Path, sheet: str, columns: tuple[str, ...]) -> list[_Row]:
    try:
        frame = pd.read_excel(path, sheet_name=sheet, dtype=object, keep_default_na=False)
    except FileNotFoundError as error:
        raise Misconfigured(f"找不到店铺表 {path.name}", do="把文件放回 include/config/") from error
    except Exception as error:  # openpyxl and zipfile raise what they like on a file that is no workbook
        raise Misconfigured(
            f"店铺表 {path.name} 的工作表“{sheet}”读不出来（{type(error).__name__}）",
            do="用 Excel 打开检查后另存为 .xlsx",
        ) from error
    for column in columns:
        if column not in frame.columns:
            raise _wrong(sheet, 1, column, "缺少这一列")
    rows = [_Row(sheet, n + 2, dict(zip(frame.columns, row, strict=True))) for n, row in enumerate(frame.to_numpy())]
    return [row for row in rows if any(cell not in ("", None) for cell in row.cells.values())]


def _shop(row: _Row) -> Shop:
    shop_id = row.read("店铺编号", _whole, "正整数")
    return Shop(
        shop_id=shop_id,
        shop_code=f"S{shop_id:06d}",
        shop_name=row.read("店铺名称", _text, "非空文字"),
        platform=row.read("平台", _text, "非空文字"),
        owner=row.read("负责人账号", str, "文字"),
        province=row.read("省份", str, "文字"),
        active=row.read("启用", _yes, "是 或 否"),
    )


def _fee(row: _Row) -> Fee:
    return Fee(
        shop_id=row.read("店铺编号", _whole, "正整数"),
        valid_from=row.read("生效日期", _day, "日期，如 2026-01-01"),
        fee_rate=row.read("费率", _rate, "0 到 1 之间的小数，至多 6 位（5% 写 0.05）"),
    )


def _whole(value: Any) -> int:
    number = Decimal(str(value))
    if isinstance(value, bool) or number != int(number) or number <= 0:
        raise ValueError(value)
    return int(number)


def _text(value: Any) -> str:
    if not str(value):
        raise ValueError(value)
    return str(value)


def _yes(value: Any) -> bool:
    if value not in ("是", "否"):
        raise ValueError(value)
    return bool(value == "是")


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value)


def _rate(value: Any) -> Decimal:
    rate = Decimal(str(value))
    if isinstance(value, bool) or not 0 <= rate < 1 or rate != rate.quantize(Decimal("0.000001")):
        raise ValueError(value)
    return rate


def _no_repetition(rows: Sequence[_Row], column: str, keys: Sequence[Hashable]) -> None:
    seen: set[Hashable] = set()
    for row, key in zip(rows, keys, strict=True):
        if key in seen:
            raise row.wrong(column, "与前面的行重复")
        seen.add(key)


def _wrong(sheet: str, row: int, column: str, what: str) -> Misconfigured:
    return Misconfigured(
        f"店铺表的工作表“{sheet}”第 {row} 行“{column}”：{what}",
        do="改正 include/config/shops.xlsx 后重试；改正前一切照旧",
    )
