"""What people say of shops, warehouses and reasons of return: from ``include/config/shops.xlsx`` to ``dim``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from clickhouse_driver import Client

from jst.spec import load_module
from jst.warehouse.load import widen
from jst.warehouse.sheets import Row, Workbook, day, no_repetition, rate, text, whole, yes
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
class Place:
    """Where a warehouse stands; its name comes from the source."""

    wms_co_id: int
    province: str


@dataclass(frozen=True, slots=True)
class Shops:
    """What a whole workbook says; ``quality``: question types of after-sales that are questions of quality."""

    shops: tuple[Shop, ...]
    fees: tuple[Fee, ...]
    places: tuple[Place, ...] = ()
    quality: tuple[str, ...] = ()


def read_workbook(path: Path) -> Shops:
    """Raises Misconfigured naming sheet, row (as Excel counts) and column of the first cell that cannot be right."""
    book = Workbook(path)
    shop_rows = book.rows("店铺", ("店铺编号", "店铺名称", "平台", "负责人账号", "省份", "启用"))
    fee_rows = book.rows("费率", ("店铺编号", "生效日期", "费率"))
    place_rows = book.rows("仓库", ("仓库编号", "省份"), optional=True)
    quality_rows = book.rows("质量问题", ("问题类型",), optional=True)
    shops, fees, places = tuple(map(_shop, shop_rows)), tuple(map(_fee, fee_rows)), tuple(map(_place, place_rows))
    quality = tuple(row.read("问题类型", text, "非空文字") for row in quality_rows)
    no_repetition(shop_rows, "店铺编号", [shop.shop_id for shop in shops])
    no_repetition(fee_rows, "生效日期", [(fee.shop_id, fee.valid_from) for fee in fees])
    no_repetition(place_rows, "仓库编号", [place.wms_co_id for place in places])
    no_repetition(quality_rows, "问题类型", quality)
    known = {shop.shop_id for shop in shops}
    for row, fee in zip(fee_rows, fees, strict=True):
        if fee.shop_id not in known:
            raise row.wrong("店铺编号", f"“{fee.shop_id}”不在工作表“店铺”里")
    return Shops(shops, fees, places, quality)


def store_shops(client: Client, shops: Shops) -> list[int]:
    """Make ``dim`` say what the workbook says, and the source where the workbook is silent; returns the ids of shops
    whose labels or rates changed, sorted."""
    named = _store(client, "shop", [astuple(shop) for shop in shops.shops], key_columns=1)
    priced = _store(client, "shop_fee", [astuple(fee) for fee in shops.fees], key_columns=2)
    placed = _store(client, "warehouse_province", [astuple(place) for place in shops.places], key_columns=1)
    _store(client, "quality_question", [(question,) for question in shops.quality], key_columns=1)
    widen(client, load_module("shop"), [str(shop_id) for shop_id in named])
    widen(client, load_module("warehouse"), [str(wms_co_id) for wms_co_id in placed])
    return sorted(named | priced)


def _store(client: Client, table: str, rows: Sequence[tuple[Any, ...]], *, key_columns: int) -> set[Any]:
    """One insert makes all of it visible at once: changed rows, and rows that left as deleted. Returns what the first
    column of those rows says."""
    stored = {row[:key_columns]: row for row in client.execute(statement(f"shops/stored_{table}"))}
    wanted = {row[:key_columns]: row for row in rows}
    version = client.execute(statement(f"shops/version_{table}"))[0][0] + 1
    inserts = [(*row, version, 0) for key, row in wanted.items() if stored.get(key) != row]
    inserts += [(*row, version, 1) for key, row in stored.items() if key not in wanted]
    if inserts:
        client.execute(statement(f"shops/store_{table}"), inserts, settings=INSERT_SETTINGS)
    return {row[0] for row in inserts}


def _shop(row: Row) -> Shop:
    shop_id = row.read("店铺编号", whole, "正整数")
    return Shop(
        shop_id=shop_id,
        shop_code=f"S{shop_id:06d}",
        shop_name=row.read("店铺名称", text, "非空文字"),
        platform=row.read("平台", text, "非空文字"),
        owner=row.read("负责人账号", str, "文字"),
        province=row.read("省份", str, "文字"),
        active=row.read("启用", yes, "是 或 否"),
    )


def _fee(row: Row) -> Fee:
    return Fee(
        shop_id=row.read("店铺编号", whole, "正整数"),
        valid_from=row.read("生效日期", day, "日期，如 2026-01-01"),
        fee_rate=row.read("费率", rate, "0 到 1 之间的小数，至多 6 位（5% 写 0.05）"),
    )


def _place(row: Row) -> Place:
    return Place(row.read("仓库编号", whole, "正整数"), row.read("省份", text, "非空文字"))
