"""``python -m bench [NAME [arguments …]]``: runs one measurement; without a name it lists all of them.

Runs on the system's Python with the standard library only: a measurement then starts in the virtual environment. Exit
code: the measurement's; 0 after the list; 2 when there is no measurement of that name.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

FOLDER = Path(__file__).parent
ON_THE_STACK = {"freshness", "kills", "backfill", "night", "soak"}
"""They look at the stack of ``make up``, which is installed: they must not install anything."""


def main(arguments: list[str]) -> int:
    """List, or become the measurement."""
    known = sorted(path.parent.name for path in FOLDER.glob("*/__main__.py"))
    if not arguments:
        _list("在运行中的系统上（先运行 make up）：", (name for name in known if name in ON_THE_STACK))
        _list("用自带的服务：", (name for name in known if name not in ON_THE_STACK))
        print('运行一种：make bench NAME=freshness ARGS="--minutes 1"；看它的选项：ARGS=--help')
        return 0
    name, *rest = arguments
    if name not in known:
        print(f"✗ 没有名为 {name} 的测量，可选：{'、'.join(known)}", file=sys.stderr)
        return 2
    as_is = ["--as-is"] if name in ON_THE_STACK else []
    return _become([*as_is, f"bench.{name}", *rest])


def _become(command: list[str]) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", "local.bootstrap", *command])


def _list(title: str, names: Iterable[str]) -> None:
    print("\n".join((title, *(f"  {name:<14}{_purpose(name)}" for name in names))))


def _purpose(name: str) -> str:
    """Return what its ``--help`` says it is for, without importing it: nothing may be installed yet."""
    module = ast.parse((FOLDER / name / "__main__.py").read_text("utf-8"))
    given = {word.arg: word.value for node in ast.walk(module) if isinstance(node, ast.Call) for word in node.keywords}
    return str(ast.literal_eval(given["description"]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
