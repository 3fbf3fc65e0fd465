"""Good rows of any module, and what a source might make of them: a seed decides, so that every run can be repeated."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

from jst.model.module import Module

Row = dict[str, Any]
NUMBER = "@@number@@"
"""Stands before the text of a number JSON can hold and Python would not write."""

_GOOD: dict[str, Callable[[int], Any]] = {
    "id": lambda n: f"x{n}",
    "text": lambda n: f"文本 {n}",
    "integer": lambda n: n % 900 + 1,
    "decimal": lambda n: round(n % 9_000 + 0.25, 2),
    "big_decimal": lambda n: n * 1_000_000_007,
    "time": lambda n: f"2026-03-01 10:{n % 60:02d}:00",
    "flag": lambda n: n % 2,
}
_deep: Any = []
for _ in range(60):
    _deep = [_deep]
JUNK: list[Any] = [
    None, True, False, 0, -1, 10**40, -(2**63) - 1, 0.1, f"{NUMBER}1e400", f"{NUMBER}-0.0", "", " ", "abc", "NaN",
    "1,5", "１２３", "1e5", "0x10", "\u0000", "a\u0000b", "\u202eabc", "\ufeff", "😀", "e\u0301", "\ufffd",
    "'; DROP TABLE plan; --",
    "2026-13-45 99:99:99", "0000-00-00 00:00:00", "2999-01-01 00:00:00", "1969-12-31 23:59:59", "2026-03-01T10:00:00Z",
    "2026-02-30 10:00:00", "2026/03/01", [], {}, [None], [[]], {"a": {"b": [1, {"c": None}]}}, _deep, ["x", {"y": 1}],
    "长" * 40_000, {"receiver_mobile": "13912345678"},
]  # fmt: skip


def good(module: Module, key: str | int, number: int, modified: str) -> Row:
    """A row with every field of the module, two lines where it has lines."""
    row: Row = {name: _GOOD[kind](number) for name, kind in module.fields.items() if name != "ts"}
    row |= {module.key[0]: key, "modified": modified}
    if module.lines:
        row[module.lines] = [
            {name: _GOOD[kind](number + line) for name, kind in module.line_fields.items()}
            | {module.line_key: f"{number}-{line}"}
            for line in (1, 2)
        ]
    return row


def mutate(rng: random.Random, module: Module, row: Row) -> Row:
    """The row after one to three of the things that can go wrong with it; its key stays."""
    row = copy.deepcopy(row)
    kinds = [_swap, _drop, _more, _of_a_wrong_type] + [_line_swap, _lines, _line_keys, _line_keys] * bool(module.lines)
    for _ in range(rng.randint(1, 3)):
        rng.choice(kinds)(rng, module, row)
    if str(row.get("modified")).startswith(("1969", "2999")):  # the source would never show it in a window of today
        row["modified"] = "0000-00-00 00:00:00"
    return row


def order_to_put(module: Module, row: Row) -> str:
    """What the sandbox is told, as JSON; odd numbers stay what they are."""
    return re.sub(f'"{NUMBER}([^"]*)"', r"\1", json.dumps({"module": module.name, "row": row}))


def _field(rng: random.Random, module: Module) -> str:
    return rng.choice([name for name in module.fields if name not in module.key and name != "ts"])


def _swap(rng: random.Random, module: Module, row: Row) -> None:
    row[_field(rng, module)] = copy.deepcopy(rng.choice(JUNK))


def _of_a_wrong_type(rng: random.Random, module: Module, row: Row) -> None:
    """A number that is text, text that is a number, a value wrapped once more."""
    name = _field(rng, module)
    value = row.get(name)
    row[name] = rng.choice([str(value), [value], {"value": value}, 17, -0.5])


def _drop(rng: random.Random, module: Module, row: Row) -> None:
    row.pop(_field(rng, module), None)


def _more(rng: random.Random, module: Module, row: Row) -> None:
    name = rng.choice(["field_of_tomorrow", "收货人", "receiver_mobile", "", "a\u0000b", "x" * 300])
    row[name] = copy.deepcopy(rng.choice([*JUNK, "13912345678"]))


def _lines(rng: random.Random, module: Module, row: Row) -> None:
    row[module.lines] = copy.deepcopy(rng.choice(JUNK))


def _line(rng: random.Random, module: Module, row: Row) -> Row | None:
    lines = row.get(module.lines)
    rows = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    return rng.choice(rows) if rows else None


def _line_swap(rng: random.Random, module: Module, row: Row) -> None:
    if (line := _line(rng, module, row)) is not None:
        line[rng.choice(list(module.line_fields))] = copy.deepcopy(rng.choice(JUNK))
    elif isinstance(row.get(module.lines), list):
        row[module.lines].append(copy.deepcopy(rng.choice(JUNK)))


def _line_keys(rng: random.Random, module: Module, row: Row) -> None:
    """One line without its key, or two with the same."""
    if (line := _line(rng, module, row)) is not None:
        if rng.random() < 0.5:
            line.pop(module.line_key, None)
        else:
            row[module.lines].append(copy.deepcopy(line))
