"""The marts: small tables made of the wide tables, a business day at a time.

A mart is a statement ``include/sql/marts/by_day/<table>.sql`` over what counts on a day (``marts/lines.sql``), made of
the same ``metrics/tables/`` the metrics are made of. ``dws_shop_style_week`` alone is made of another mart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import cache

from clickhouse_driver import Client

from jst.model.mart_keys import MartKey, Touched
from jst.model.metric_lists import metric_lists
from jst.model.module import Module
from jst.warehouse.sql import FOLDER, INSERT_SETTINGS, ONE_THREAD, has_statement, statement

_KEYS = [("key", "String")]
_MANY_KEYS = 5_000
"""So many keys at once touch most of their days: tens of thousands of places would be fetched for nothing."""
_TOUCHED = [("shop_id", "Int64"), ("hour", "UInt8"), ("sku_id", "String"), ("i_id", "String")]


@cache
def mart_names() -> tuple[str, ...]:
    """List the tables of database dws that are made a day at a time."""
    return tuple(path.stem for path in sorted((FOLDER / "marts" / "by_day").glob("*.sql")))


def feeds_marts(module: Module) -> bool:
    """Say whether rows of the module's wide table count on a business day."""
    return has_statement(module.name, "touched")


def touched(client: Client, module: Module, keys: Sequence[str]) -> Touched:
    """Find where in the marts the wide rows of these keys count, those of versions not yet merged away included: places
    of a day, None for all of it (of very many keys)."""
    table = {"name": "touched", "structure": _KEYS, "data": [(key,) for key in keys]}
    places, many = statement(f"modules/{module.name}/touched"), len(keys) > _MANY_KEYS
    what = "day" if many else "day, shop_id, hour, sku_id, i_id"
    rows = client.execute(
        f"SELECT DISTINCT {what} FROM ({places})", external_tables=[table], settings={} if many else ONE_THREAD
    )
    if many:
        return {day: None for (day,) in rows}
    found: dict[date, set[MartKey]] = defaultdict(set)
    for day, *key in rows:
        found[day].add(tuple(key))
    return found


def refresh(
    client: Client, mart: str, day: date, version: int, keys: Collection[MartKey] | None = None, *,
    query_id: str | None = None,
) -> int:  # fmt: skip
    """Bring one day of a mart, or what ``keys`` touch of it, to what the wide tables say; returns rows written, none
    where nothing differs."""
    client.execute(
        statement(f"marts/by_day/{mart}"),
        {"day": day.isoformat(), "version": version, "whole": int(keys is None), **metric_lists()},
        external_tables=[{"name": "touched", "structure": _TOUCHED, "data": list(keys or ())}],
        query_id=query_id,
        settings=INSERT_SETTINGS if keys is None else INSERT_SETTINGS | ONE_THREAD,
    )
    return int(client.last_query.progress.written_rows)


def keep_costs(
    client: Client, day: date, keys: Collection[MartKey] | None = None, *, closed_too: bool = False,
    query_id: str | None = None,
) -> int:  # fmt: skip
    """Keep what lines of a day cost that are counted for the first time, before ``refresh`` adds them up; returns how
    many. ``closed_too``: also in a month that is closed."""
    client.execute(
        statement("marts/keep_costs"),
        {"day": day.isoformat(), "whole": int(keys is None), "closed_too": int(closed_too)},
        external_tables=[{"name": "touched", "structure": _TOUCHED, "data": list(keys or ())}],
        query_id=query_id,
        settings=INSERT_SETTINGS if keys is None else INSERT_SETTINGS | ONE_THREAD,
    )
    return int(client.last_query.progress.written_rows)


def refresh_week(client: Client, version: int, *, query_id: str | None = None) -> int:
    """Bring ``dws_shop_style_week`` to what the days say; returns rows written."""
    sql = statement("marts/by_week/dws_shop_style_week")
    client.execute(sql, {"version": version}, query_id=query_id, settings=INSERT_SETTINGS)
    return int(client.last_query.progress.written_rows)


def days_without_cost(client: Client) -> list[date]:
    """List days of open months with lines whose cost has become known since they were counted."""
    return sorted(day for (day,) in client.execute(statement("marts/days_without_cost")))


def days_that_differ(client: Client) -> list[date]:
    """List days of which some mart does not add up to what the wide tables say, or was counted in another way."""
    otherwise = client.execute(statement("marts/days_counted_otherwise"), dict(metric_lists()))
    return sorted({day for day, *_ in (*client.execute(statement("marts/days_that_differ")), *otherwise)})
