"""What is compared: one table with its source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.verify.values import Row

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the source as the table must show it. ``lines``: line id → values in the subject's column order,
    sorted by line id; a table with one row per record has the one line ''."""

    key: str
    modified: str
    lines: dict[str, Values]


@dataclass(frozen=True, eq=False, slots=True)
class OneOf:
    """A cell that is right with each of these values."""

    options: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return other in self.options

    def __str__(self) -> str:
        return " 或 ".join(self.options)


@dataclass(frozen=True, slots=True)
class Subject:
    """``key``: the columns that name a row, record first; ``columns``: those compared, in the order of the values;
    ``key_of`` gives '' for a row without key; ``expected`` raises Unreadable."""

    module: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    key_of: Callable[[Row], str]
    expected: Callable[[Row], Record]
