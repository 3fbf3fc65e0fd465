"""What keeps the house walkable: which folder may know which, names that stand once, sizes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JST = ROOT / "plugins" / "jst"
FILES = sorted(path for path in JST.rglob("*.py") if path.name != "__init__.py")
FLOORS = [
    {"errors", "clock"},
    {"model"},
    {"erp", "kafka"},
    {"control"},
    {"warehouse"},
    {"workbook", "access", "metrics", "ledger", "flow", "forecast", "backup"},
    {"messages"},
    {"replenishment"},
    {"boards"},
    {"push", "alerts", "monitoring"},
    {"addresses"},
    {"servers"},
    {"wiring"},
    {"airflow"},
]
"""From the ground up; a folder or module imports from below its floor only, and from within itself."""
VAGUE = re.compile(
    r"\b(whoever|nobody|somebody|anybody|believe[sd]?|heard|tells?|telling|told|met|leap\w*"
    r"|in vain|for good|ours no more)\b",
    re.IGNORECASE,
)
"""Words of docs/style.md's table that no sentence needs; what stands in ``double backquotes`` is a name."""
LONGEST_FILE, LONGEST_CLASS, LONGEST_FUNCTION = 250, 200, 60


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        yield path, ast.parse(path.read_text("utf-8"))


def part_of(path: Path) -> str:
    return path.relative_to(JST).parts[0].removesuffix(".py")


def imported_parts(tree: ast.Module) -> set[str]:
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("jst.")}


def test_every_part_has_its_floor() -> None:
    assert {part_of(path) for path in FILES} == set().union(*FLOORS)


def test_a_part_knows_only_what_lies_below_it() -> None:
    floor = {part: number for number, parts in enumerate(FLOORS) for part in parts}
    for path, tree in trees():
        part = part_of(path)
        above = {other for other in imported_parts(tree) - {part} if floor[other] >= floor[part]}
        assert not above, f"{path.relative_to(ROOT)} imports {above}, which lies above or beside {part}"


def test_a_file_name_stands_once() -> None:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in FILES:
        found[path.stem].append(path.relative_to(JST))
    assert {stem: paths for stem, paths in found.items() if len(paths) > 1} == {}


def test_a_class_name_stands_once() -> None:
    found: dict[str, list[Path]] = defaultdict(list)
    for path, tree in trees():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path.relative_to(JST))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(JST)))
def test_nothing_is_larger_than_a_page_or_two(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            most = LONGEST_CLASS if isinstance(node, ast.ClassDef) else LONGEST_FUNCTION
            assert node.end_lineno - node.lineno < most, node.name


def sentences(path: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every docstring and comment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_docstrings_and_comments_say_literally_who_and_what() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word[0]}"
        for path, tree in trees()
        for line, text in sentences(path, tree)
        for word in VAGUE.finditer(re.sub(r"``[^`]*``", "", text))
    ]
    assert found == [], "see the table of docs/style.md"
