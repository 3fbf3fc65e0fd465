"""What the store must know of a record kind."""

from __future__ import annotations

from dataclasses import dataclass

from local.sandbox.rows import Row


@dataclass(frozen=True, slots=True)
class Kind:
    """``key``: the first of these fields a row has is its key. ``other_id``: a second field to ask for rows by."""

    module: str
    key: tuple[str, ...]
    other_id: str = ""

    def key_of(self, row: Row) -> str:
        """Empty when the row has none of the key fields."""
        return next((str(row[field]) for field in self.key if row.get(field) not in (None, "")), "")
