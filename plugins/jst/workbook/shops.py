"""Parse the shops workbook (shops, rates, warehouses, reasons of return, people) and store it: of the people only which
accounts a shop concerns."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from clickhouse_driver import Client

from jst.errors import Misconfigured
from jst.model.module import load_module
from jst.warehouse.sql import INSERT_SETTINGS, statement
from jst.warehouse.widen_tables import widen
from jst.workbook.people import Person, read_people
from jst.workbook.sheets import (
    Row,
    Workbook,
    note_repetitions,
    parse_day,
    parse_label,
    parse_positive,
    parse_rate,
    parse_text,
    parse_yes,
)

log = logging.getLogger(__name__)


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
class WarehousePlace:
    """The province of a warehouse; its name comes from the source."""

    wms_co_id: int
    province: str


@dataclass(frozen=True, slots=True)
class Shops:
    """All that a workbook says; ``quality``: question types of after-sales that are questions of quality."""

    shops: tuple[Shop, ...]
    fees: tuple[Fee, ...]
    places: tuple[WarehousePlace, ...] = ()
    quality: tuple[str, ...] = ()
    persons: tuple[Person, ...] = ()

    def owners(self) -> list[tuple[int, str]]:
        """List shop and account of all whom a shop concerns: its 负责人账号, and who names it in sheet 人员."""
        found = [(shop.shop_id, shop.owner) for shop in self.shops if shop.owner]
        found += [(shop_id, person.account) for person in self.persons for shop_id in person.shops]
        return list(dict.fromkeys(found))

    def unowned(self) -> list[int]:
        """List the shops in use that concern no account, sorted."""
        owned = {shop_id for shop_id, _ in self.owners()}
        return sorted(shop.shop_id for shop in self.shops if shop.active and shop.shop_id not in owned)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that the workbook fills. ``ours``: which of its rows the workbook has put there."""

    name: str
    columns: tuple[str, ...]
    key_columns: int = 1
    ours: str = "1"

    def stored_rows(self) -> str:
        return statement("workbook/stored_rows", table=self.name, columns=", ".join(self.columns), ours=self.ours)


_SHOPS = _Table("dim.dim_shop", tuple(each.name for each in fields(Shop)), ours="in_workbook")
_FEES = _Table("dim.dim_shop_fee", tuple(each.name for each in fields(Fee)), key_columns=2)
_PROVINCES = _Table("dim.dim_warehouse_province", tuple(each.name for each in fields(WarehousePlace)))
_QUALITY = _Table("dim.dim_quality_question", ("question_type",))
_OWNERS = _Table("ops.shop_owner", ("shop_id", "account"), key_columns=2)


def read_workbook(path: Path) -> Shops:
    """Read the file. Raises Misconfigured as ``parse_workbook`` does, and when there is no such file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Misconfigured(
            f"读不到店铺表 {path}（{error.strerror}），沿用上一份正确的", do="把文件放回去，或修改连接 shops_workbook"
        ) from error
    return parse_workbook(content, path.name)


def parse_workbook(content: bytes, name: str) -> Shops:
    """Parse a file's content; ``name``: what people call the file. Raises Misconfigured naming sheet, row (as Excel
    counts) and column of every cell that cannot be right."""
    book = Workbook(content, name)
    shop_rows = book.read_rows("店铺", ("店铺编号", "店铺名称", "平台", "负责人账号", "省份", "启用"))
    fee_rows = book.read_rows("费率", ("店铺编号", "生效日期", "费率"))
    place_rows = book.read_rows("仓库", ("仓库编号", "省份"), optional=True)
    quality_rows = book.read_rows("质量问题", ("问题类型",), optional=True)
    shops, fees, places = tuple(map(_shop, shop_rows)), tuple(map(_fee, fee_rows)), tuple(map(_place, place_rows))
    quality = tuple(row.read("问题类型", parse_text, "非空文字") for row in quality_rows)
    note_repetitions(shop_rows, "店铺编号", [(shop.shop_id,) for shop in shops])
    note_repetitions(fee_rows, "生效日期", [(fee.shop_id, fee.valid_from) for fee in fees])
    note_repetitions(place_rows, "仓库编号", [(place.wms_co_id,) for place in places])
    note_repetitions(quality_rows, "问题类型", [(question,) for question in quality])
    known = {shop.shop_id for shop in shops}
    if known and None not in known:  # else every rate would seem to be of a shop that is not there
        for row, fee in zip(fee_rows, fees, strict=True):
            if fee.shop_id is not None and fee.shop_id not in known:
                row.wrong("店铺编号", f"“{fee.shop_id}”不在工作表“店铺”里")
    persons = read_people(book, known - {None})
    book.raise_mistakes()
    return Shops(shops, fees, places, quality, persons)


def store_shops(client: Client, shops: Shops) -> list[int]:
    """Make the tables say what the workbook says, and the source where the workbook has no value; returns the ids of
    shops whose labels or rates changed, sorted. Rates of closed months stay as they were."""
    stored = [Fee(*row) for row in client.execute(_FEES.stored_rows())]
    ((closed_until,),) = client.execute(statement("workbook/closed_until"))
    fees = fees_in_force(stored, shops.fees, closed_until)
    late = {fee.shop_id for fee in set(shops.fees) - set(fees) if fee.valid_from < closed_until}
    if late:
        log.warning("%s 之前的月份已关账：店铺 %s 在那之前的费率不再改，从这一天起生效", closed_until, sorted(late))
    named = _store(client, _SHOPS, [astuple(shop) for shop in shops.shops])
    priced = _store(client, _FEES, [astuple(fee) for fee in fees])
    placed = _store(client, _PROVINCES, [astuple(place) for place in shops.places])
    _store(client, _QUALITY, [(question,) for question in shops.quality])
    _store(client, _OWNERS, shops.owners())
    widen(client, load_module("shop"), [str(shop_id) for shop_id in named])
    widen(client, load_module("warehouse"), [str(wms_co_id) for wms_co_id in placed])
    return sorted(named | priced)


def has_shops(client: Client) -> bool:
    """Return whether the shops of a workbook are stored."""
    return bool(client.execute(_SHOPS.stored_rows()))


def fees_in_force(stored: Sequence[Fee], wanted: Sequence[Fee], closed_until: date) -> list[Fee]:
    """Return the workbook's rates; but of a shop that had rates already, those of the days before ``closed_until`` stay
    as ``stored``: closed figures must not change when an old order is written again."""
    fees: list[Fee] = []
    for shop_id in sorted({fee.shop_id for fee in (*stored, *wanted)}):
        before = [fee for fee in stored if fee.shop_id == shop_id]
        said = [fee for fee in wanted if fee.shop_id == shop_id]
        if not before:
            fees += said
            continue
        closed = [fee for fee in before if fee.valid_from < closed_until]
        if (rate_then := _rate_on(closed_until, said)) != _rate_on(closed_until, closed):
            closed.append(Fee(shop_id, closed_until, rate_then))
        fees += closed + [fee for fee in said if fee.valid_from > closed_until]
    return fees


def _rate_on(day: date, fees: Sequence[Fee]) -> Decimal:
    """Return the rate in force, 0 before the first."""
    in_force = [fee for fee in fees if fee.valid_from <= day]
    return max(in_force, key=lambda fee: fee.valid_from).fee_rate if in_force else Decimal(0)


def _store(client: Client, table: _Table, rows: Sequence[tuple[Any, ...]]) -> set[Any]:
    """Write changed rows, and rows that left as deleted, in one insert, so that all of it becomes visible at once.
    Returns the values of the first column of those rows."""
    stored = {row[: table.key_columns]: row for row in client.execute(table.stored_rows())}
    wanted = {row[: table.key_columns]: row for row in rows}
    version = client.execute(statement("workbook/newest_version", table=table.name))[0][0] + 1
    inserts = [(*row, version, 0) for key, row in wanted.items() if stored.get(key) != row]
    inserts += [(*row, version, 1) for key, row in stored.items() if key not in wanted]
    if inserts:
        sql = statement("workbook/store_rows", table=table.name, columns=", ".join(table.columns))
        client.execute(sql, inserts, settings=INSERT_SETTINGS)
    return {row[0] for row in inserts}


def _shop(row: Row) -> Shop:
    shop_id = row.read("店铺编号", parse_positive, "正整数")
    return Shop(
        shop_id=shop_id,
        shop_code=f"S{shop_id or 0:06d}",
        shop_name=row.read("店铺名称", parse_text, "非空文字"),
        platform=row.read("平台", parse_text, "非空文字"),
        owner=row.read("负责人账号", parse_label, "文字"),
        province=row.read("省份", parse_label, "文字"),
        active=row.read("启用", parse_yes, "是 或 否"),
    )


def _fee(row: Row) -> Fee:
    return Fee(
        shop_id=row.read("店铺编号", parse_positive, "正整数"),
        valid_from=row.read("生效日期", parse_day, "日期，如 2026-01-01"),
        fee_rate=row.read("费率", parse_rate, "0 到 1 之间的小数，至多 6 位（5% 写 0.05）"),
    )


def _place(row: Row) -> WarehousePlace:
    return WarehousePlace(row.read("仓库编号", parse_positive, "正整数"), row.read("省份", parse_text, "非空文字"))
