"""The lines of an order: which there are, and how each is named."""

from __future__ import annotations

from collections.abc import Mapping

from local.verify.values import Row, Unreadable, identifier, scaled

UNIT = 4
"""Quantities and prices are kept to four decimals, amounts to the cent."""
_NO_LINE: Row = {"qty": 0, "price": 0}


def items(row: Row) -> list[Row]:
    """At least one: an order without lines is shown as one row."""
    found = row.get("items") or [_NO_LINE]
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise Unreadable("items")
    return found


def line_ids(lines: list[Row], field: str) -> list[str]:
    """``field``, or the position from 1; '0' for an order without lines. Mixed or repeated ids are a dead letter."""
    if lines[0] is _NO_LINE:
        return ["0"]
    ids = [identifier(item, field) for item in lines]
    if not any(ids):
        return [str(place) for place in range(1, len(lines) + 1)]
    if not all(ids) or len(set(ids)) < len(ids):
        raise Unreadable(f"items.{field}")
    return ids


def quantities(lines: list[Row], field: str = "qty") -> list[int]:
    return [scaled(item, field, UNIT) or 0 for item in lines]
