"""Read module specs: ``include/config/modules/<module>.yaml`` becomes a frozen ``Module``.

The YAML holds facts only; its JSON schema (``include/config/module.schema.json``) describes every key.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema
import msgspec.yaml

from jst.errors import Misconfigured
from jst.model.include_folder import include_folder

INCLUDE = include_folder()
Role = Literal["live", "dimension"]
INITIAL_DAYS = "JST_INITIAL_DAYS"
"""Environment variable: a first load reads at least so many days. The local stack's sandbox has a longer past than a
company's first load reads."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How one dialect serves a module. ``quota_per_second`` 0 means: only the credential's shared budget counts;
    ``pace_seconds``: between two looks of a live feed; ``cursor``: request parameter of the ts cursor, '' without;
    ``row_versions``: rows carry ts, which alone decides what is newer; ``counts``: answers to a window state its total;
    ``keys_as``: how keys are sent, list, numbers or comma."""

    path: str
    page_size: int
    pace_seconds: float
    cursor: str = ""
    row_versions: bool = False
    counts: bool = True
    keys_as: str = "list"
    keys_most: int = 0
    list_key: str = "datas"
    scope: str = ""
    quota_per_second: float = 0.0

    @property
    def keys_per_request(self) -> int:
        return self.keys_most or self.page_size

    def understands(self, key: str) -> bool:
        """Say whether the source reads ``key`` as this one key: it would take one with a comma for two where keys are
        joined by commas, and refuse a whole request for a word among numbers."""
        if self.keys_as == "numbers":
            return key.isascii() and key.isdecimal() and str(int(key)) == key
        return key != "" and key == key.strip() and not (self.keys_as == "comma" and "," in key)


@dataclass(frozen=True, slots=True)
class Module:
    """One kind of record. ``role``: a DAG of its own reads it all the time, or it is refreshed with the other
    dimensions. ``fields`` and ``line_fields`` map name to type: id, text, integer, decimal, big_decimal, time, flag.
    ``needed``: fields (``items.qty`` for a line's) without which a record is not kept; any other is left empty.
    ``warehouse_field``: what names the warehouse of a record, and asks for one's records alone; ``per_warehouse``: that
    is how they are asked for here, and a record's key is ``key@warehouse``; else it is always 0, the total.
    ``listed``: the source has no windows of it, only the list of all. ``backfill``: how a past day is read again, see
    ``flow/backfill/business_day.py``."""

    name: str
    title: str
    role: Role
    key: tuple[str, ...]
    dialects: dict[str, Endpoint]
    fields: dict[str, str]
    lines: str
    line_key: str
    line_fields: dict[str, str]
    needed: frozenset[str]
    ignored: frozenset[str]
    settle_seconds: int
    overlap_seconds: int
    initial_days: int = 0
    listed: bool = False
    backfill: tuple[str, ...] = ()
    warehouse_field: str = ""
    per_warehouse: bool = False

    @property
    def topic(self) -> str:
        return f"ods.{self.name}"

    def endpoint(self, dialect: str) -> Endpoint:
        """Return how a dialect serves the module. Raises Misconfigured when the spec has no part for this dialect."""
        if dialect not in self.dialects:
            raise Misconfigured(
                f"模块 {self.name} 没有 {dialect} 方言的接口定义",
                do=f"在 include/config/modules/{self.name}.yaml 中补上 {dialect}，或修改连接的 extra.dialect",
            )
        return self.dialects[dialect]


@cache
def load_module(name: str, folder: Path = INCLUDE / "config") -> Module:
    """Read and check one spec. Raises Misconfigured naming file and key."""
    path = folder / "modules" / f"{name}.yaml"
    if not path.exists():
        raise Misconfigured(f"没有模块 {name}", do=f"新建 {path.name}，或改用：{'、'.join(module_names(folder))}")
    facts = read_facts(path, folder / "module.schema.json", "模块文件")
    if facts["module"] != name:
        raise Misconfigured(f"{path.name} 里写的模块名是 {facts['module']}", do="文件名与 module 必须相同")
    return Module(
        name=name,
        title=facts["title"],
        role=facts["role"] if "role" in facts else _inferred_role(path),
        key=tuple(facts["key"]),
        dialects={dialect: Endpoint(**facts[dialect]) for dialect in ("gateway", "openapi") if dialect in facts},
        fields=facts["fields"],
        lines=facts.get("lines", ""),
        line_key=facts.get("line_key", ""),
        line_fields=facts.get("line_fields", {}),
        needed=_needed(path, facts),
        ignored=frozenset(facts.get("ignored", ())),
        settle_seconds=facts.get("settle_seconds", 0),
        overlap_seconds=facts.get("overlap_seconds", 0),
        initial_days=_initial_days(facts.get("initial_days", 0)),
        listed=facts.get("listed", False),
        backfill=tuple(facts.get("backfill", ())),
        warehouse_field=facts.get("warehouse_field", ""),
    )


def _initial_days(days: int) -> int:
    return max(days, int(os.environ.get(INITIAL_DAYS, 0))) if days else 0


def _needed(path: Path, facts: dict[str, Any]) -> frozenset[str]:
    lines = facts.get("lines", "")
    every = {*facts["fields"], *(f"{lines}.{name}" for name in facts.get("line_fields", ()))}
    if "needed" not in facts:
        return frozenset(every)
    if strange := sorted(set(facts["needed"]) - every):
        raise Misconfigured(
            f"模块文件 {path.name} 的 needed 里的 {strange[0]} 不是它的字段",
            do=f"改正拼写，明细的字段写作 {lines or 'items'}.字段名",
        )
    always = {*facts["key"], facts.get("warehouse_field", ""), "modified", f"{lines}.{facts.get('line_key', '')}"}
    return frozenset(every & {*always, *facts["needed"]})


def _inferred_role(path: Path) -> Role:
    """Infer the role that a module file without one has always had, and say which line is missing."""
    dag = path.parents[3] / "dags" / f"jst_{path.stem}.py"
    role: Role = "live" if dag.exists() else "dimension"
    log.warning(
        "模块文件 %s 没有写 role：因为 dags/%s %s，当作 %s。请在该文件中加上一行：role: %s",
        path, dag.name, "存在" if dag.exists() else "不存在", role, role,
    )  # fmt: skip
    return role


def dag_of(module: str) -> str:
    """Return the DAG that reads a module: its own, or the one of all dimensions; what is no module has its own, too."""
    return "jst_dimensions" if module in {each.name for each in modules_of("dimension")} else f"jst_{module}"


def modules_of(role: Role) -> list[Module]:
    """List the modules of a role, by name."""
    return [module for module in map(load_module, module_names()) if module.role == role]


def read_facts(path: Path, schema: Path, what: str) -> dict[str, Any]:
    """Read a YAML file and check it by its JSON schema. Raises Misconfigured naming ``what`` it is, the file and the
    key."""
    facts: dict[str, Any] = msgspec.yaml.decode(path.read_bytes())
    rules = jsonschema.Draft202012Validator(json.loads(schema.read_text("utf-8")))
    problem = jsonschema.exceptions.best_match(rules.iter_errors(facts))
    if problem is not None:
        raise Misconfigured(
            f"{what} {path.name} 的 {problem.json_path} 不对：{problem.message}",
            do=f"对照 include/config/{schema.name} 修改",
        )
    return facts


def module_names(folder: Path = INCLUDE / "config") -> list[str]:
    """List the modules that have a spec, sorted."""
    return sorted(path.stem for path in (folder / "modules").glob("*.yaml"))
