"""The types a spec may give a field: which of the source's spellings each one accepts, and how it is sent on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jst.clock import SHANGHAI
from jst.model.record_id import spelled_id
from jst.model.window import source_time

Convert = Callable[[Any], object]
"""Returns the value to send on, None for "absent"; raises ValueError."""

_integer_text = re.compile(r"[+-]?[0-9]{1,19}(?:\.0*)?").fullmatch
_plain_decimal = re.compile(r"-?[0-9]{1,8}(?:\.[0-9]{1,10})?").fullmatch
_any_decimal = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?").fullmatch
_sure_time = re.compile(
    r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8]) (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
).fullmatch
_any_time = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)?").fullmatch

_LARGEST_ID = 10**30
_LARGEST_INTEGER = 2**63
# Quantity times price must fit Decimal(18, 2); what does not would become a silent 0 in the wide table.
_LARGEST_DECIMAL = 10**8
_LARGEST_BIG_DECIMAL = 10**14  # Decimal(18, 4) ends there
_MOST_DECIMALS = 20  # 28 are what a third looks like to .NET; SQL keeps ten, and reads no number of more than 38 digits
_LAST_YEAR = 2105  # DateTime ends there; a later time would become a silent NULL


def _id(value: Any) -> str | None:
    return spelled_id(_text(value)) or None


def _text(value: Any) -> str:
    if type(value) is str:
        if not value.isascii():
            value.encode()  # raises for half a surrogate pair, of which no JSON can be made
        return value
    if type(value) is int and -_LARGEST_ID < value < _LARGEST_ID:
        return str(value)
    raise ValueError


def _integer(value: Any) -> int | None:
    if type(value) is str:
        value = value.strip()
        if not value:
            return None
        if not _integer_text(value):
            raise ValueError
        value = int(value.partition(".")[0])
    elif type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and -_LARGEST_INTEGER <= value < _LARGEST_INTEGER:
        return value
    raise ValueError


def _decimal(value: Any, end: int = _LARGEST_DECIMAL) -> object:
    if type(value) is str:
        return value if _plain_decimal(value) else _odd_decimal(value.strip(), end)
    if type(value) is int and -end < value < end:
        return value
    if type(value) is float:
        return _odd_decimal(repr(value), end)
    raise ValueError


def _big_decimal(value: Any) -> object:
    return _decimal(value, _LARGEST_BIG_DECIMAL)


def _odd_decimal(text: str, end: int) -> str | None:
    """Rewrite exponents, signs and leading dots in the plain spelling, which SQL reads exactly."""
    if not text:
        return None
    if not _any_decimal(text):
        raise ValueError
    number = Decimal(text)
    if abs(number) >= end:
        raise ValueError
    whole, point, decimals = format(number, "f").partition(".")
    return whole + point + decimals[:_MOST_DECIMALS]


def _time(value: Any) -> str:
    if type(value) is not str:
        raise ValueError
    if _sure_time(value):
        return value
    text = value.strip()
    moment = moment_of(text)
    if moment is not None and moment.year > _LAST_YEAR:
        raise ValueError
    return text


@lru_cache(maxsize=4096)
def moment_of(text: str) -> datetime | None:
    """Return the aware moment; None when empty or before 2000. Raises ValueError when the source writes no such
    time."""
    if _sure_time(text):
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    if not text:
        return None
    if not _any_time(text):  # a zone, for example: cutting it off would shift the row by hours
        raise ValueError
    return source_time(text) if text >= "2000" else None


def _flag(value: Any) -> bool | None:
    if type(value) is str:
        value = value.strip().lower()
        if not value:
            return None
    if type(value) in (bool, int, str) and value in _FLAGS:
        return _FLAGS[value]
    raise ValueError


_FLAGS: dict[object, bool] = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}
FIELD_TYPES: dict[str, Convert] = {
    "id": _id,
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "big_decimal": _big_decimal,
    "time": _time,
    "flag": _flag,
}
