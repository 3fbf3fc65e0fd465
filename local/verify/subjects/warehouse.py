"""仓库: what the dimension must show for a warehouse of the source."""

from __future__ import annotations

from local.verify.known import Known
from local.verify.subject import Record, Subject
from local.verify.values import Row, identifier, text


def subject(_: Known) -> Subject:
    return Subject(
        "warehouse", "dim.dim_warehouse", ("wms_co_id",), ("warehouse_name",), key_of, expected, reading="list"
    )


def key_of(row: Row) -> str:
    return identifier(row, "wms_co_id")


def expected(row: Row) -> Record:
    return Record(key_of(row), "", {"": (text(row, "name"),)})
