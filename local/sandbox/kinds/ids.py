"""How the source writes the ids of its documents: text in the gateway dialect, integers in the openapi dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from local.sandbox.times import beijing

Dialect = Literal["gateway", "openapi"]
DIALECTS: tuple[Dialect, ...] = ("gateway", "openapi")


class Ids:
    """``number`` gives the next number of a series, from 1."""

    def __init__(self, dialect: Dialect, number: Callable[[str], int]) -> None:
        self.dialect, self.number = dialect, number

    def serial(self, series: str, now: float) -> str:
        """Day (yyMMdd) and the series' next number: 15 digits, of which 2**53 holds all."""
        return f"{beijing(now)[2:10].replace('-', '')}{self.number(series):09d}"

    def document(self, prefix: str, serial: str) -> str | int:
        if self.dialect == "openapi":
            return int(serial)
        day, number = serial[:6], int(serial[6:])
        return f"{prefix}20{day}{number:07d}"

    @property
    def price_field(self) -> str:
        """The dialects name a sold line's price differently."""
        return "sale_price" if self.dialect == "openapi" else "price"
