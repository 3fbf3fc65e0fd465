"""What an id of the source is, and the key of a record that belongs to a warehouse."""

from __future__ import annotations

from collections.abc import Sequence

from jst.model.module import Module


def spelled_id(value: str | int) -> str:
    """Return an id as the source spells it, without blanks around it; '' where it names nothing: 0, in whatever number
    of digits, is what a .NET program writes for "none", and all records of "none" would be one."""
    text = str(value).strip()
    return text if text.strip("0.") else ""


def branch_key(key: str, wms_co_id: int) -> str:
    """Return the key of a warehouse's record: warehouses are numbers, so that it can be taken apart whatever ``key``
    holds."""
    return f"{key}@{wms_co_id}"


def split_key(key: str) -> tuple[str, int] | None:
    """Return key and warehouse of a key that ``branch_key`` made; None of any other."""
    own, mark, wms_co_id = key.rpartition("@")
    is_branch = mark and own and wms_co_id.isascii() and wms_co_id.isdecimal() and wms_co_id[0] != "0"
    return (own, int(wms_co_id)) if is_branch else None


def own_key(module: Module, key: str) -> str:
    """Return a record's key without its warehouse."""
    parts = split_key(key) if module.per_warehouse else None
    return parts[0] if parts else key


def keys_on(module: Module, rows: Sequence[object], fields: Sequence[str]) -> set[str]:
    """Return the keys that the rows of a page show in any of ``fields``."""
    found = set[str]()
    for row in rows:
        if isinstance(row, dict):
            shown = [str(row[name]).strip() for name in fields if row.get(name) is not None]
            warehouse = row.get(module.warehouse_field)
            found.update(f"{key}@{warehouse}" if module.per_warehouse else key for key in shown)
    return found
