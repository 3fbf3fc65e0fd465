"""仓库: what the dimension must show for a warehouse of the source; its province is the workbook's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from local.verify.known import Known
from local.verify.subject import Record, Subject
from local.verify.values import Row, identifier, text


def subject(known: Known) -> Subject:
    return Subject(
        module="warehouse",
        table="dim.dim_warehouse",
        key=("wms_co_id",),
        columns=("warehouse_name", "province"),
        key_of=key_of,
        expected=partial(expected, places=known.places),
        reading="list",
    )


def key_of(row: Row) -> str:
    return identifier(row, "wms_co_id")


def expected(row: Row, *, places: Mapping[str, str]) -> Record:
    key = key_of(row)
    return Record(key, "", {"": (text(row, "name"), places.get(key, ""))})
