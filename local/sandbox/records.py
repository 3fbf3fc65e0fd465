"""What goes into the store and comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Version:
    """One state of one row. Times as the source's text; ``io_date`` and ``other_id`` None where the row has none."""

    module: str
    key: str
    body: str
    modified: str
    created: str | None
    io_date: str | None
    other_id: str | None
    ts: int


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows of a module: within a closed window of one column, with one of the ids per column, in a status, of a
    warehouse (``branch``).

    ``since``: only rows with at least this ``ts``, in its order; else the order is modified, key.
    """

    module: str
    window: tuple[str, str, str] | None = None
    ids: dict[str, list[str]] = field(default_factory=dict)
    status: str | None = None
    since: int | None = None
    branch: str = ""

    def in_branch(self, module: str, wms_co_id: int) -> Question:
        """Return the same question about one warehouse's rows, which lie in ``module`` and have it in their key."""
        keys = {column: [f"{key}@{wms_co_id}" for key in wanted] for column, wanted in self.ids.items()}
        return replace(self, module=module, ids=keys, branch=str(wms_co_id))

    @property
    def order(self) -> str:
        return "modified, key" if self.since is None else "ts"

    def where(self) -> tuple[str, list[str | int]]:
        """Return SQL condition and its parameters."""
        parts, values = ["1"], list[str | int]()
        if self.since is not None:
            parts.append("ts >= ?")
            values.append(self.since)
        if self.window:
            column, start, end = self.window
            parts.append(f"{column} BETWEEN ? AND ?")
            values += [start, end]
        for column, wanted in self.ids.items():
            parts.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
        if self.branch:
            parts.append("other_id = ?")
            values.append(self.branch)
        if self.status:
            parts.append("json_extract(body, '$.status') = ?")
            values.append(self.status)
        return " AND ".join(parts), values


@dataclass(frozen=True, slots=True)
class Page:
    """(key, body) pairs of a page; ``total`` of the question, None when it was not counted."""

    rows: list[tuple[str, str]]
    has_next: bool
    total: int | None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that will happen to a row; ``note`` is what the step has to know."""

    module: str
    key: str
    step: str
    note: str = ""
