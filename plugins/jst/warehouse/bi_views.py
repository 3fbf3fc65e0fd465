"""Database ``bi``: a view per data set of ``include/config/lingyang``, whose file alone says what is in it.

A view is made again whenever the schema is brought up to date: it follows its file, and a migration would be frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec.yaml
from clickhouse_driver import errors as driver_errors

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, read_facts
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import part, statement

DATABASE = "bi"
_CONFIG = INCLUDE / "config"
_ACCESS_DENIED = 497


@dataclass(frozen=True, slots=True)
class BiView:
    """One data set. ``columns``: Chinese name → column of ``include/sql/bi/<source>.sql``; ``notes``: Chinese name →
    what it means; ``measures``, ``computed``: what may be summed, and formulas over [Chinese names]."""

    name: str
    title: str
    source: str
    columns: dict[str, str]
    measures: tuple[str, ...]
    computed: dict[str, str]
    notes: dict[str, str]
    left_out: tuple[str, ...]

    @property
    def select(self) -> str:
        """SELECT of the view."""
        return part("bi_views/select", **self._facts())

    def create(self, types: dict[str, str]) -> str:
        """Return the statement that makes the view; ``types``: Chinese name → type."""
        columns = ",\n    ".join(f"`{name}` {types[name]} COMMENT '{self.note(name)}'" for name in self.columns)
        return statement("bi_views/create", view=self.name, columns=columns, title=self.title, **self._facts())

    def note(self, name: str) -> str:
        """Return what a column means, its name where nothing more is said."""
        return self.notes.get(name, name).replace("'", "''")

    def _facts(self) -> dict[str, str]:
        named = ",\n    ".join(f"{column} AS `{name}`" for name, column in self.columns.items())
        return {"named": named, "source": self.source}


def bi_views(folder: Path = _CONFIG) -> list[BiView]:
    """Read every data set, sorted by name. Raises Misconfigured naming file and key."""
    metrics = msgspec.yaml.decode((folder / "metrics.yaml").read_bytes())["metrics"].values()
    meanings = {metric["name"]: metric["definition"] for metric in metrics}
    return [_view(path, meanings) for path in sorted((folder / "lingyang").glob("*.yaml"))]


def create_bi_views(warehouse: Warehouse) -> None:
    """Make the views as their files say, on every node that gets writes. Raises Misconfigured when it may not."""
    try:
        warehouse.execute(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        for view in bi_views():
            described = warehouse.execute(f"DESCRIBE ({view.select})")
            warehouse.execute(view.create({name: kind for name, kind, *_ in described}))
    except driver_errors.ServerException as error:
        if error.code != _ACCESS_DENIED:
            raise
        raise Misconfigured(
            f"没有权限在 ClickHouse 的库 {DATABASE} 里建视图：{error.message.split('Stack trace')[0].strip()[:300]}",
            do="由 ClickHouse 管理员重新执行 python -m jst.access.render 的 SQL（docs/lingyang.md 的“账号”一节），"
            "再运行一次",
        ) from error


def _view(path: Path, meanings: dict[str, str]) -> BiView:
    facts = read_facts(path, _CONFIG / "data_set.schema.json", "数据集文件")
    named = {name: column for kind in ("dimensions", "measures") for column, name in facts[kind].items()}
    names = [*facts["dimensions"].values(), *facts["measures"].values(), *facts["computed"]]
    if twice := [name for name in names if names.count(name) > 1]:
        raise Misconfigured(f"数据集文件 {path.name} 里的 {twice[0]} 写了两次", do="每个名字只用一次")
    measures = tuple(facts["measures"].values())
    notes = {name: meanings[name] for name in measures if name in meanings} | facts.get("notes", {})
    return BiView(
        path.stem, facts["name"], facts["sql"], named, measures, facts["computed"], notes, tuple(facts["left_out"])
    )
