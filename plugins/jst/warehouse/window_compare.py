"""Return what the warehouse holds of a window, for comparison with the source."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.model.module import Module
from jst.model.window import Window
from jst.warehouse.sql import key_of, statement

Batches = Sequence[tuple[str, int]]
"""Each (plan_id, attempt)."""
_KEYS = [("key", "String")]


def surplus(client: Client, module: Module, window: Window, batches: Batches) -> list[str]:
    """List keys the warehouse has in ``window`` (by its time field) that none of the ``batches`` brought.

    Sound only if the batches together read all of the window, carried every row (``puller.pull(plan, again=True)``) and
    are loaded. Such a record left the window at the source and we have not seen its new version, or the source has lost
    it: ask for it by key. At least one batch; an empty one counts.
    """
    params = {**_bounds(window), **_named(batches)}
    return [key for (key,) in client.execute(_sql("surplus", module, field=window.field), params)]


def brought(client: Client, module: Module, batches: Batches) -> set[str]:
    """Return the keys that came with loaded batches, at least one."""
    return {key for (key,) in client.execute(_sql("brought", module), _named(batches))}


def count(client: Client, module: Module, windows: Sequence[Window], left_out: Collection[str]) -> list[int]:
    """Count records in each window of modified, without those ``left_out`` by key; at least one window."""
    bounds = [_bounds(window) for window in windows]
    starts, ends = [each["start"] for each in bounds], [each["end"] for each in bounds]
    params = {"starts": starts, "ends": ends, "start": min(starts), "end": max(ends)}
    ((counts,),) = client.execute(_sql("count", module), params, external_tables=[_table("left_out", left_out)])
    return counts or [0] * len(windows)


def held(client: Client, module: Module, window: Window) -> dict[str, int]:
    """Return key → modified (unix seconds) of the records in a window of modified."""
    return dict(client.execute(_sql("held", module), _bounds(window)))


def versions_of(client: Client, module: Module, keys: Collection[str]) -> dict[str, int]:
    """Return key → version of the records with these keys, as ``least_version`` makes it of a row of the source."""
    return dict(client.execute(_sql("versions", module), external_tables=[_table("touched", keys)]))


def places_of(client: Client, module: Module, keys: Collection[str]) -> dict[str, datetime]:
    """Return key → modified (Shanghai) of the records with these keys."""
    rows = client.execute(_sql("places", module), external_tables=[_table("touched", keys)])
    return {key: datetime.fromtimestamp(modified, SHANGHAI) for key, modified in rows if modified}


def _sql(name: str, module: Module, *, field: str = "") -> str:
    ts = "ts" if "ts" in module.fields else "NULL"
    return statement(f"reconcile/{name}", module=module.name, key=key_of(module), field=field, ts=ts)


def _bounds(window: Window) -> dict[str, int]:
    return {"start": int(window.start.timestamp()), "end": int(window.end.timestamp())}


def _named(batches: Batches) -> dict[str, Any]:
    return {"plans": sorted({plan_id for plan_id, _ in batches}), "batches": sorted(batches)}


def _table(name: str, keys: Collection[str]) -> dict[str, Any]:
    """Make a table of keys, never without a row: the server ignores an empty one. No record has an empty key."""
    return {"name": name, "structure": _KEYS, "data": [("",), *((key,) for key in keys)]}
