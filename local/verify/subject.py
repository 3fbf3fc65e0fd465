"""What is compared: one table with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from local.verify.values import Row

Values = tuple[Any, ...]
Reading = Literal["live", "clock", "list"]


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the source as the table must show it. ``lines``: line id → values in the subject's column order,
    sorted by line id; a table with one row per record has the one line ''. ``modified`` is '' where the source has
    no such thing."""

    key: str
    modified: str
    lines: dict[str, Values]


@dataclass(frozen=True, eq=False, slots=True)
class OneOf:
    """A cell that is right with each of these values."""

    options: tuple[str | None, ...]

    def __eq__(self, other: object) -> bool:
        return other in self.options

    def __str__(self) -> str:
        return " 或 ".join(option or "空" for option in self.options)


@dataclass(frozen=True, eq=False, slots=True)
class Between:
    """A time that is right anywhere from ``low`` to ``high``, both as ``yyyy-mm-dd hh:mm:ss``."""

    low: str
    high: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.low <= other <= self.high

    def __str__(self) -> str:
        return f"{self.low} 与 {self.high} 之间的时间"


@dataclass(frozen=True, eq=False, slots=True)
class Follows:
    """A cell that follows from what another column of its row shows; ``value`` is given that column's value."""

    column: str
    value: Callable[[Any], object]

    def __eq__(self, other: object) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Subject:
    """``key``: the columns that name a row, record first; ``columns``: those compared, in the order of the values;
    ``key_of`` gives '' for a row without key; ``expected`` raises Unreadable.

    ``reading``: ``live`` is waited for; ``clock`` is asked for up to its read watermark; ``list`` has no watermarks.
    ``labels``: columns copied from the dimensions, which are reported and not judged (see ``labels.py``).
    ``truth``: what the source calls these rows, where that is not the module. ``completed``: the source's rows with
    those the table has from elsewhere (the shops workbook), by key.
    """

    module: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    key_of: Callable[[Row], str]
    expected: Callable[[Row], Record]
    reading: Reading = "live"
    labels: tuple[str, ...] = ()
    completed: Callable[[Iterable[Row]], Iterable[Row]] = iter
    truth: str = ""

    @property
    def rows(self) -> str:
        """What the source calls the rows that are compared."""
        return self.truth or self.module
