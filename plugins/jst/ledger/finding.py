"""One sentence of the ledger, and how bad it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["bad", "warn", "note", "good"]
"""bad: a person is needed now; warn: something is late, or will be; note: it can wait, and is folded."""
WORST: tuple[Level, ...] = ("bad", "warn", "note", "good")


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence. ``modules`` it is about; ``dag_id`` and ``run_id``: where to look first; ``detail``: what only a
    closer look needs; ``key``: what kind of finding it is, where a rule of alerts asks for it. Each may be empty."""

    level: Level
    what: str
    do: str = ""
    modules: Sequence[str] = ()
    dag_id: str = ""
    run_id: str = ""
    detail: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.what}，处理：{self.do}" if self.do else self.what


def worst_first(found: Sequence[Finding]) -> list[Finding]:
    """Sort by level; what is equally bad keeps its order."""
    return sorted(found, key=lambda each: WORST.index(each.level))
