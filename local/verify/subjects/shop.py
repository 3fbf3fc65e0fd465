"""店铺: what the dimension must show for a shop of the source, or of the workbook, whose word counts first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from local.verify.known import Known
from local.verify.subject import Record, Subject
from local.verify.values import Row, identifier, text
from local.verify.workbook import Shop

COLUMNS = ("shop_code", "shop_name", "platform", "owner", "province", "active", "in_workbook")


def subject(known: Known) -> Subject:
    return Subject(
        module="shop",
        table="dim.dim_shop",
        key=("shop_id",),
        columns=COLUMNS,
        key_of=key_of,
        expected=partial(expected, shops=known.shops),
        reading="list",
        completed=partial(completed, shops=known.shops),
    )


def key_of(row: Row) -> str:
    return identifier(row, "shop_id")


def expected(row: Row, *, shops: Mapping[str, Shop]) -> Record:
    key = key_of(row)
    own = shops.get(key) or (text(row, "shop_name"), text(row, "shop_site"), "", "", 1)
    return Record(key, "", {"": (f"S{key:0>6}", *own, int(key in shops))})


def completed(rows: Iterable[Row], *, shops: Mapping[str, Shop]) -> Iterator[Row]:
    """Yield the source's shops and those only the workbook has, by key as text."""
    here = {key_of(row): row for row in rows}
    only_ours: dict[str, Row] = {key: {"shop_id": key} for key in shops.keys() - here.keys()}
    yield from (row for _, row in sorted({**here, **only_ours}.items()))
