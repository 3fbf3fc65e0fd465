"""What store and servers must know of a record kind."""

from __future__ import annotations

from dataclasses import dataclass

from local.sandbox.rows import Row


@dataclass(frozen=True, slots=True)
class Kind:
    """``key``: the first of these fields a row has is its key. ``other_id``: a second field to ask for rows by.

    ``joined``: what stands between the key fields where all of them together are the key.

    ``line_key``: the key field of the lines in ``items``. ``versioned``: rows show ``modified``, and ``ts`` where the
    dialect has it.
    """

    module: str
    key: tuple[str, ...]
    other_id: str = ""
    line_key: str = ""
    versioned: bool = True
    joined: str = ""

    def key_of(self, row: Row) -> str:
        """Empty when the row has none of the key fields."""
        if self.joined:
            parts = [row.get(field) for field in self.key]
            return "" if None in parts or "" in parts else self.joined.join(map(str, parts))
        return next((str(row[field]) for field in self.key if row.get(field) not in (None, "")), "")
