"""Compose the SQL of ``include/sql``, and the settings every write is made with (docs/decisions/0047).

In a file, ``${module}`` stands for a fact that Python gives, and ``${include shared/source_time text=trimBoth(t)}`` for
another file, with facts of its own. ``%(day)s`` is the driver's, which sends the value apart; plain braces are SQL's.

``python -m jst.warehouse.sql checks/marts`` prints a statement as the server gets it; facts follow as name=value.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, Module

FOLDER = INCLUDE / "sql"

# Defaults of these moved between ClickHouse 25 and 26. An insert must be on disk when it returns, and an equal block
# must not be dropped as a repetition: labels that go back to what they were are an equal block.
INSERT_SETTINGS: dict[str, int | str] = {
    "async_insert": 0,
    "insert_deduplicate": 0,
    "deduplicate_insert": "disable",
    "deduplicate_insert_select": "disable",
    "max_partitions_per_insert_block": 0,  # a batch with orders of very many months would be refused for ever
}

# What groups all orders there are takes no more memory than this however many they become: the rest goes to disk.
OVER_EVERYTHING: dict[str, int | str] = {"max_bytes_before_external_group_by": 300_000_000}

# What must become visible at once: rows of one partition in one block are one part.
ONE_PART: dict[str, int | str] = {
    "max_insert_threads": 1,
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 0,
    "max_insert_block_size": 10_000_000,
}

# A handful of rows is planned and run faster by one thread: a fifth less of both time and processor.
ONE_THREAD: dict[str, int | str] = {"max_threads": 1}

_SLOT = re.compile(r"\$\{((?:[^${}]|\$\{\w+\})*)\}")
_OPENED = re.compile(r"\$\{[^\n]*")
_INCLUDE = re.compile(r"include\s+(\S+)(.*)", re.DOTALL)
_FACT = re.compile(r"\s(\w+)=\s*(.*?)(?=\s+\w+=|\s*\Z)", re.DOTALL)
_COMMENT_ABOVE = re.compile(r"\A(?:[ \t]*--[^\n]*\n)+")
_OLD_FOLDERS = {"certify": "backfill"}


def statement(name: str, **facts: str) -> str:
    """Compose ``include/sql/<name>.sql`` with ``facts``.

    Raises Misconfigured naming the file that is missing or wrong, and the one that asks for it.
    """
    return _compose(name, facts, ())


def part(name: str, **facts: str) -> str:
    """Compose a file as an include does: without the comment above it, which explains the file, and the last newline.

    Raises Misconfigured as ``statement`` does.
    """
    return _included(_compose(name, facts, ()))


def has_statement(module: str, step: str) -> bool:
    """Say whether a module has ``modules/<module>/<step>.sql``, which not every module needs.

    Raises Misconfigured when the file lies where older versions looked for it: it would be left out without an error.
    """
    there = (FOLDER / "modules" / module / f"{step}.sql").exists()
    if not there and (moved := _moved(module, step)):
        raise moved
    return there


def key_of(module: Module) -> str:
    """Return the key of a module's records as SQL over the columns of its tables."""
    return part(f"modules/{module.name}/key") if has_statement(module.name, "key") else module.key[0]


def modules_with(step: str) -> list[str]:
    """List the modules that have ``modules/<module>/<step>.sql``, sorted."""
    return sorted(path.parent.name for path in FOLDER.glob(f"modules/*/{step}.sql"))


def _compose(name: str, facts: Mapping[str, str], above: tuple[str, ...]) -> str:
    """Compose one file; ``above``: the files whose includes lead here, the statement first."""
    if name in above:
        circle = " → ".join((*above[above.index(name) :], name))
        raise Misconfigured(f"include/sql 里的文件互相引用：{circle}", do=f"去掉 {above[-1]}.sql 里的这个引用")

    def fill(slot: re.Match[str]) -> str:
        asked = slot[1].strip()
        if called := _INCLUDE.fullmatch(asked):
            given = {fact: _SLOT.sub(fill, value) for fact, value in _FACT.findall(called[2])}
            return _included(_compose(_SLOT.sub(fill, called[1]), {**facts, **given}, (*above, name)))
        if asked in facts:
            return facts[asked]
        raise Misconfigured(
            f"include/sql/{name}.sql 里的 ${{{asked}}} 没有值{_asked_by(above)}",
            do="改正它的拼写，或在引用这个文件的地方写上 名字=值",
        )

    text = _read(name, above)
    if wrong := _OPENED.search(_SLOT.sub("", text)):
        raise Misconfigured(f"include/sql/{name}.sql 里的 {wrong[0]} 写得不完整", do="补上右花括号；值里不能有花括号")
    return _SLOT.sub(fill, text)


def _included(text: str) -> str:
    bare = _COMMENT_ABOVE.sub("", text).strip()
    return f"{bare}\n" if "--" in bare.rpartition("\n")[2] else bare  # what follows would become a comment


def _read(name: str, above: tuple[str, ...]) -> str:
    try:
        return _text(FOLDER / f"{name}.sql")
    except FileNotFoundError:
        folder, _, rest = name.partition("/")
        module, _, step = rest.partition("/")
        of_module = folder == "modules"
        if of_module and (moved := _moved(module, step)):
            raise moved from None
        do = f"新建 include/sql/{name}.sql"
        raise Misconfigured(
            f"没有 include/sql/{name}.sql{_asked_by(above)}",
            do=f"{do}，写法见 docs/how-to/add-a-module.md" if of_module else f"{do}，或改正引用它的名字",
        ) from None


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _moved(module: str, step: str) -> Misconfigured | None:
    """Build the error about a module's statement that lies where older versions looked for it."""
    old = f"{_OLD_FOLDERS.get(step, step)}/{module}.sql"
    if not (FOLDER / old).exists():
        return None
    new = f"include/sql/modules/{module}/{step}.sql"
    return Misconfigured(f"模块 {module} 的 SQL 还在旧位置 include/sql/{old}", do=f"把它移到 {new}")


def _asked_by(above: tuple[str, ...]) -> str:
    return f"（include/sql/{above[-1]}.sql 引用了它）" if above else ""


if __name__ == "__main__":
    print(statement(sys.argv[1], **dict(fact.split("=", 1) for fact in sys.argv[2:])))
