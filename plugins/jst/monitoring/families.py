"""What is published for Prometheus: ``include/config/monitoring.yaml`` with its SQL, as one statement per server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from jst.model.module import INCLUDE, read_facts
from jst.warehouse.sql import part

FILE = INCLUDE / "config" / "monitoring.yaml"
Server = Literal["control", "warehouse"]
_ARRAYS: Mapping[Server, tuple[str, str, str]] = {
    "control": ("ARRAY[{}]::text[]", "{}::text", "value::float8"),
    "warehouse": ("CAST([{}] AS Array(String))", "toString({})", "CAST(value AS Nullable(Float64))"),
}
"""How each server writes a list of texts, a text, and a number that may be missing."""


@dataclass(frozen=True, slots=True)
class Family:
    """One name of Prometheus and what is behind it. ``server``: who knows it; '' for what the process itself knows."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    server: Server | Literal[""] = ""

    @property
    def type(self) -> str:
        """Its type as Prometheus calls it."""
        return "counter" if self.name.endswith("_total") else "gauge"


@dataclass(frozen=True, slots=True)
class Sample:
    """A value with the values of its family's labels."""

    labels: tuple[str, ...]
    value: float


@cache
def load_families() -> Mapping[str, Family]:
    """Read and check what is published. Raises Misconfigured naming the key that is wrong."""
    facts = read_facts(FILE, FILE.with_name("monitoring.schema.json"), "监控指标")
    return {
        name: Family(name, about["help"], tuple(about["labels"]), about["server"])
        for name, about in facts["families"].items()
    }


@cache
def question(server: Server) -> str:
    """Compose the one statement that answers all families of a server: rows of family, labels, value."""
    texts, text, number = _ARRAYS[server]
    return "\nUNION ALL\n".join(
        f"SELECT '{each.name}' AS family, {texts.format(', '.join(map(text.format, each.labels)))} AS labels,"
        f" {number} AS value FROM (\n{part(f'monitoring/{each.name}')}\n) AS part"
        for each in load_families().values()
        if each.server == server
    )


def samples(rows: Iterable[Sequence[object]]) -> dict[str, list[Sample]]:
    """Sort the rows of an answer by family; what has no value is left out."""
    found: dict[str, list[Sample]] = {}
    for family, labels, value in rows:
        if isinstance(value, int | float) and isinstance(labels, Sequence):
            found.setdefault(str(family), []).append(Sample(tuple(map(str, labels)), float(value)))
    return found


def exposition(families: Iterable[tuple[Family, Sequence[Sample]]]) -> str:
    """Write samples as Prometheus reads them, version 0.0.4 of its text format."""
    lines = []
    for family, found in families:
        if found:
            lines += [f"# HELP {family.name} {_escaped(family.help)}", f"# TYPE {family.name} {family.type}"]
            lines += [f"{family.name}{_braced(family.labels, each.labels)} {each.value!r}" for each in found]
    return "\n".join([*lines, ""])


def _braced(names: Sequence[str], values: Sequence[str]) -> str:
    pairs = [
        '{}="{}"'.format(name, _escaped(value).replace('"', '\\"')) for name, value in zip(names, values, strict=True)
    ]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
