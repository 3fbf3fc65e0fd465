"""Rows as JSON text. Money is Decimal on the way in and out, so that 99.00 stays 99.00."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

Row = dict[str, Any]

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode(value: object) -> str:
    """Compact JSON text."""
    return _encoder.encode(value).decode()


def decode(text: str | bytes) -> Any:
    """Numbers with a point become Decimal. Raises ValueError for anything that is not JSON."""
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as problem:
        raise ValueError(str(problem)) from problem
