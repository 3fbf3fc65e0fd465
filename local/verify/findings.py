"""What a comparison found: counts of everything, the first differences in full."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

SHOWN = 20
Kind = Literal["缺失", "多出", "重复", "不同", "源端不可读"]


@dataclass(frozen=True, slots=True)
class Difference:
    """``row``: key columns with their values; ``column``, ``ours`` and ``truth`` only where a cell differs."""

    kind: Kind
    table: str
    row: dict[str, str]
    column: str = ""
    ours: str = ""
    truth: str = ""

    def __str__(self) -> str:
        where = f"{self.kind} {self.table} " + " ".join(f"{name}={value}" for name, value in self.row.items() if value)
        if self.kind == "不同":
            return f"{where} 列 {self.column}：宽表 {self.ours}，源端 {self.truth}"
        return f"{where} {self.truth}".rstrip()


@dataclass(slots=True)
class Findings:
    """``records`` and ``lines`` were compared; ``early``: records that need not be there and are not; ``late``: records
    newer than the table promises to know; ``parked``: unreadable records that lie in the dead letters; ``keyless``:
    source rows without key, which no table can hold."""

    table: str
    records: int = 0
    lines: int = 0
    early: int = 0
    late: int = 0
    parked: int = 0
    keyless: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    columns: Counter[str] = field(default_factory=Counter)
    first: list[Difference] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.kinds

    def add(self, difference: Difference) -> None:
        self.kinds[difference.kind] += 1
        if difference.column:
            self.columns[difference.column] += 1
        if len(self.first) < SHOWN:
            self.first.append(difference)
