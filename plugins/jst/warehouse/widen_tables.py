"""Load Kafka's records into ClickHouse: stored as text, cleaned by SQL, widened by SQL.

Every step may be repeated; the caller's lock keeps clean and widen of one module from running twice at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from clickhouse_driver import Client

from jst.kafka.record import RawRecord
from jst.model.module import Module
from jst.model.words import stock_facts
from jst.warehouse.sql import (
    INSERT_SETTINGS,
    ONE_PART,
    ONE_THREAD,
    OVER_EVERYTHING,
    has_statement,
    key_of,
    statement,
)

_KEYS_AT_ONCE = 20_000

_MICRO_BATCH_KEYS = 1_000

Kinds = Mapping[str, str]
"""Which kinds of stock are ``read`` and which are ``shown``: facts of the statements."""
EVERY_KIND: Kinds = stock_facts(None, None)

_KEYS = [("key", "String"), ("is_known", "UInt8")]
_RECORDS = [("key", "String"), ("partition", "UInt32"), ("offset", "UInt64"), ("is_known", "UInt8")]


def store_raw(client: Client, module: Module, records: Sequence[RawRecord]) -> int:
    """Keep records as they came, in one insert; returns how many."""
    if records:
        columns = list(map(list, zip(*records, strict=True)))  # in the order of the statement's columns
        sql = statement("raw_records/store", module=module.name)
        client.execute(sql, columns, columnar=True, settings=INSERT_SETTINGS)
    return len(records)


def known_keys(client: Client, module: Module, keys: Collection[str]) -> set[str]:
    """Find those of the keys that DWD has; of the others ``clean`` and ``widen`` need look for nothing they had
    before."""
    table = {"name": "touched", "structure": [("key", "String")], "data": [(key,) for key in keys]}
    sql = statement("raw_records/known", module=module.name, key=key_of(module))
    return {key for (key,) in client.execute(sql, external_tables=[table])}


def clean(
    client: Client, module: Module, records: Sequence[RawRecord], kinds: Kinds = EVERY_KIND,
    known: Collection[str] | None = None,
) -> list[str]:  # fmt: skip
    """Make DWD rows of exactly these records, which ``store_raw`` has kept, as far as they are of the kind of stock
    that is read; returns their keys, sorted, each once. ``known``: the only keys that DWD has, as ``known_keys`` says;
    None where any may be."""
    if records:
        touched = [(each.key, each.partition, each.offset, known is None or each.key in known) for each in records]
        _execute(client, statement(f"modules/{module.name}/load", **kinds), _RECORDS, touched)
    return sorted({record.key for record in records})


def widen(
    client: Client, module: Module, keys: Sequence[str], kinds: Kinds = EVERY_KIND,
    known: Collection[str] | None = None, *, query_id: str | None = None,
) -> int:  # fmt: skip
    """Bring the module's wide table to what DWD says for these keys, of the kind of stock it shows; returns rows
    written, deleted lines included. ``known``: the only keys that DWD had before they were cleaned; None where any may
    have been there.

    ``query_id`` names the statement on the server, so that a caller who lost its lock can have it killed.
    """
    unique = [(key, known is None or key in known) for key in sorted(set(keys))]
    sql = statement(f"modules/{module.name}/widen", **kinds)
    return sum(
        _execute(client, sql, _KEYS, unique[start : start + _KEYS_AT_ONCE], query_id=query_id)
        for start in range(0, len(unique), _KEYS_AT_ONCE)
    )


def show_kind(client: Client, kinds: Kinds, *, query_id: str | None = None) -> None:
    """Let the wide table of stock change over to the kind that is read, and forget the other one; may be repeated."""
    settings = INSERT_SETTINGS | ONE_PART
    client.execute(statement("stock_kind/show", **kinds), query_id=query_id, settings=settings)
    client.execute(statement("stock_kind/forget", **kinds))


def stale(client: Client, module: Module) -> list[str]:
    """List keys whose stored labels differ from the dimensions; widening writes the same version with today's
    labels."""
    sql = statement(f"modules/{module.name}/stale")
    return [key for (key,) in client.execute(sql, settings=OVER_EVERYTHING)]


def stale_lately(client: Client, module: Module, since: datetime) -> list[str]:
    """List those of ``stale`` whose lines name a SKU that was read ``since`` then, or are spelled like one."""
    sql, bound = statement("labels/codes_lately", module=module.name), {"since": round(since.timestamp() * 1000)}
    codes = client.execute(sql, bound, settings=OVER_EVERYTHING)
    if not codes:
        return []
    table = {"name": "codes", "structure": [("code", "String")], "data": codes}
    sql = statement(f"modules/{module.name}/stale_lately")
    return [key for (key,) in client.execute(sql, external_tables=[table], settings=OVER_EVERYTHING)]


def label_dimensions(client: Client) -> str:
    """Return a text that changes with anything a label comes from, but SKUs."""
    ((text,),) = client.execute(statement("labels/dimensions"))
    return str(text)


def has_labels(module: Module) -> bool:
    """Say whether the module's wide table shows labels of dimensions, so that these come first."""
    return has_statement(module.name, "stale")


def _execute(
    client: Client,
    sql: str,
    structure: Sequence[tuple[str, str]],
    touched: Sequence[tuple[Any, ...]],
    *,
    query_id: str | None = None,
) -> int:
    """Run one INSERT … SELECT beside the table ``touched``; returns rows written."""
    table = {"name": "touched", "structure": structure, "data": touched}
    settings = INSERT_SETTINGS | ONE_THREAD if len(touched) < _MICRO_BATCH_KEYS else INSERT_SETTINGS
    client.execute(sql, external_tables=[table], query_id=query_id, settings=settings)
    return int(client.last_query.progress.written_rows)
