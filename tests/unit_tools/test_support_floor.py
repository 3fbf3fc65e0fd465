"""What tests share lies in tests/support: a test that needs another test's code is read in two places."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _imported(path: Path) -> list[str]:
    """Names a file imports from tests/ or relative to itself; a file that never writes either is not parsed."""
    found: list[str] = []
    text = path.read_text("utf-8")
    if "import" not in text or ("tests" not in text and "from ." not in text):
        return found
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return found


def test_no_test_imports_another_test_or_a_conftest() -> None:
    paths = [path for folder in ("tests", "local", "bench", "plugins") for path in (ROOT / folder).rglob("*.py")]
    strangers = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in paths
        for name in _imported(path)
        if name.startswith(("tests.", ".")) and not name.startswith("tests.support.")
    ]
    assert len(paths) > 300
    assert strangers == []


def test_the_product_and_its_tools_use_nothing_of_the_tests() -> None:
    paths = [path for folder in ("plugins", "dags", "local", "bench") for path in (ROOT / folder).rglob("*.py")]
    assert [str(path) for path in paths if any(name.startswith("tests") for name in _imported(path))] == []
