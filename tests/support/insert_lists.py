"""An INSERT … SELECT read without a server: the columns it fills, and the column each item of its SELECT says it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|--[^\n]*|[\w.]+|%\(\w+\)s|\s+|.", re.DOTALL)
_INSERT = re.compile(r"\bINSERT\s+INTO\s+\S+\s*\(([^()]*)\)(?!\s*VALUES)")
_COLUMN = re.compile(r"--\s*([a-z_][\w.]*)\s*$")
_BARE = re.compile(r"(?:\w+\.)*([a-z_]\w*)|\w+\['(\w+)'\]|tupleElement\(\w+, '(\w+)'\)")
_ALIAS = re.compile(r"\bAS\s+(\w+)$")


@dataclass
class Item:
    """One item of a SELECT; ``said``: the column that the comment behind it names."""

    text: str = ""
    said: str = ""

    @property
    def column(self) -> str:
        """Column it says it is, by its comment, its alias or as nothing but a name; '' when it says none."""
        text = self.text.strip()
        if self.said:
            return self.said
        if alias := _ALIAS.search(text):
            return alias[1]
        bare = _BARE.fullmatch(text)
        return next(filter(None, bare.groups())) if bare else ""


@dataclass
class InsertList:
    """``columns`` of the INSERT, and the ``items`` of its SELECT."""

    columns: list[str]
    items: list[Item] = field(default_factory=list)

    def differences(self) -> Iterator[str]:
        """Yield what a reader must mend, by place."""
        if len(self.columns) != len(self.items):
            yield f"{len(self.columns)} columns, {len(self.items)} items"
        for place, (column, item) in enumerate(zip(self.columns, self.items, strict=False), 1):
            if item.column != column:
                says = f"says it is {item.column}" if item.column else f"must say so: put it on a line with -- {column}"
                yield f"item {place} fills {column}: {' '.join(item.text.split())} {says}"


def insert_list(sql: str) -> InsertList | None:
    """Read a statement; None when it is no INSERT of columns from a SELECT."""
    bare = re.sub(r"--[^\n]*", lambda comment: " " * len(comment[0]), sql)
    found = _INSERT.search(bare)
    if not found:
        return None
    read = InsertList([column.strip() for column in found[1].split(",")])
    read.items = list(_items(sql[found.end() :]))
    return read


def _items(sql: str) -> Iterator[Item]:
    depth, selecting, new_line = 0, False, True
    last, item = Item(), Item()
    for token in _TOKEN.findall(sql):
        depth += (token in ("(", "[")) - (token in (")", "]"))
        if depth == 0 and token == "FROM" and selecting:
            break
        if depth == 0 and selecting and token == ",":
            yield item
            last, item = item, Item()
        elif selecting and token.startswith("--"):
            named = _COLUMN.match(token)
            if depth == 0 and named and not new_line:  # a comment alone on its line explains what follows
                (item if item.text.strip() else last).said = named[1]
        elif selecting:
            item.text += token
        selecting = selecting or (depth == 0 and token == "SELECT")
        new_line = (new_line if token.isspace() else False) or "\n" in token
    yield item
