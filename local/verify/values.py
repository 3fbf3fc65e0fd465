"""The source's spellings as the wide tables show them: text, whole numbers, scaled decimals, times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

Row = Mapping[str, Any]
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)

_usual_time = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}").fullmatch


class Unreadable(Exception):
    """A source row with a field that cannot be what the field has to be; the message names the field."""


def text(row: Row, field: str) -> str:
    """'' for what is absent; a number as its digits."""
    value = row.get(field)
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unreadable(field)
    return str(value)


def identifier(row: Row, field: str) -> str:
    """'' also for 0, which names nothing."""
    found = text(row, field).strip()
    return found if found.strip("0.") else ""


def whole(row: Row, field: str) -> int | None:
    """None for what is absent or empty."""
    value = row.get(field)
    if type(value) is int:
        return value
    number = scaled(row, field, 10)
    if number is None:
        return None
    if number % 10**10:
        raise Unreadable(field)
    return number // 10**10


def scaled(row: Row, field: str, places: int) -> int | None:
    """Return the number × 10^places, rounded half away from zero; None for what is absent or empty."""
    value = row.get(field)
    if type(value) is int:
        return value * int(10**places)
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | Decimal):
        raise Unreadable(field)
    try:
        return int(Decimal(value).scaleb(places, _EXACT).to_integral_value(ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        raise Unreadable(field) from None


def moment(row: Row, field: str) -> str | None:
    """``yyyy-mm-dd hh:mm:ss`` of Shanghai, fractions cut; None for what is absent, empty or before 2000."""
    value = row.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unreadable(field)
    if _usual_time(value):
        return value
    digits = "".join(letter for letter in value if letter in "0123456789")[:14]
    if not value.strip():
        return None
    if len(digits) not in (8, 14):
        raise Unreadable(field)
    d = digits.ljust(14, "0")
    return f"{d[:4]}-{d[4:6]}-{d[6:8]} {d[8:10]}:{d[10:12]}:{d[12:14]}" if d >= "2000" else None


@lru_cache(maxsize=1 << 16)
def decimal_text(number: int, places: int) -> str:
    """Return a scaled number with all its decimals: 1230 with 2 places is '12.30'."""
    whole, rest = divmod(abs(number), 10**places)
    return f"{'-' if number < 0 else ''}{whole}.{rest:0{places}}"


def number_text(row: Row, field: str, places: int) -> str | None:
    """Return the number with ``places`` decimals; None for what is absent or empty."""
    number = scaled(row, field, places)
    return None if number is None else decimal_text(number, places)


def divided(number: int, divisor: int) -> int:
    """Return number ÷ divisor (> 0), rounded half away from zero."""
    result = (2 * abs(number) + divisor) // (2 * divisor)
    return -result if number < 0 else result
