"""The metric catalogue: ``include/config/metrics.yaml`` with its SQL becomes questions for ClickHouse.

Pure: nothing is sent here. A question is ``include/sql/metrics/frame.sql`` with the metric's expression
(``expressions/<code>.sql``) over the rows it counts (``rows/<rows>.sql``), made of the wide tables as ``tables/`` reads
them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema
import yaml

from jst.clock import SHANGHAI
from jst.errors import Misconfigured
from jst.metrics.kept_rows import GOODS, TIMES, Kept, Only, kept
from jst.model.module import INCLUDE
from jst.warehouse.sql import part, statement

WIDE = "wide"
SCALE = {"count": 0, "quantity": 4, "money": 2, "percent": 4, "number": 2}
"""Decimals a value is rounded to, half away from zero, by format."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What metrics are counted over. ``level``: a state at the end of a day; over a period it is the last day's.
    ``by_order``: tables whose rows belong to the orders of another, so that they are kept by goods only. ``reader``:
    the login that may ask."""

    name: str
    tables: tuple[str, ...]
    axis: str
    scope: str
    grain: str
    cuts: tuple[str, ...]
    level: bool = False
    by_order: tuple[str, ...] = ()
    reader: str = "boards"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; ``code`` is its column name, ``number`` its place among the 42 (0: beside them), ``role``: the only
    one that may see it ('': all)."""

    code: str
    name: str
    group: str
    definition: str
    unit: str
    format: str
    rows: Rows
    additive: bool
    number: int = 0
    role: str = ""
    never_by: tuple[str, ...] = ()

    @property
    def cuts(self) -> tuple[str, ...]:
        """Columns it may be cut by."""
        return tuple(cut for cut in self.rows.cuts if cut not in self.never_by)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days ``first`` to ``last``, both included; ``as_of``: the moment the data are of (the read watermark),
    whose day is today."""

    first: date
    last: date
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """For ``clickhouse_driver``: rows of the cuts' values, then the value: int, Decimal, or None where it is unknown or
    has an empty denominator. ``source``: the mart that is asked, or 'wide'. ``tables``: what it reads, without their
    database."""

    sql: str
    parameters: dict[str, Any]
    source: str = WIDE
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All metrics. ``cuts``: column → name people see. ``lists``: words the SQL is given as parameters."""

    cuts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, Rows]
    metrics: Mapping[str, Metric]

    def question(
        self, code: str, period: Period, by: Sequence[str] = (), *, only: Only = MappingProxyType({}), source: str = ""
    ) -> Question:
        """Compose a metric over a period, cut by columns, of the rows that ``only`` keeps (cut → values). ``source``:
        'wide' asks the wide tables, '' lets the catalogue choose. Raises Misconfigured for a cut that makes no sense,
        and for a value it cannot have."""
        metric = self.metrics[code]
        self._refuse([cut for cut in by if cut not in metric.cuts], metric, "切分")
        self._refuse([cut for cut in only if cut not in metric.cuts], metric, "筛选")
        keeping = kept(only, self.cuts)
        first, last = keeping.within(period.first, period.last)
        if metric.rows.level and "day" not in by:
            first = last
        parameters: dict[str, Any] = {
            "first": first.isoformat(),
            "last": last.isoformat(),
            "as_of": period.as_of.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        }
        sql = _sql(metric, by, keeping)
        return Question(sql, {**parameters, **self.lists, **keeping.parameters()}, WIDE, _tables(sql))

    def _refuse(self, wrong: Sequence[str], metric: Metric, done: str) -> None:
        if wrong:
            raise Misconfigured(
                f"指标 {metric.name}（{metric.code}）不能按{'、'.join(self.cuts.get(cut, cut) for cut in wrong)}{done}",
                do=f"只按{'、'.join(self.cuts[cut] for cut in metric.cuts)}{done}，或换一个指标",
            )


@cache
def load_catalogue(folder: Path = INCLUDE / "config") -> Catalogue:
    """Read and check the catalogue. Raises Misconfigured naming the key that is wrong."""
    facts: dict[str, Any] = yaml.safe_load((folder / "metrics.yaml").read_text("utf-8"))
    schema = json.loads((folder / "metrics.schema.json").read_text("utf-8"))
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(facts))
    if problem is not None:
        raise _wrong(problem.json_path, problem.message)
    rows = {name: _rows(name, about) for name, about in facts["rows"].items()}
    return Catalogue(
        cuts=facts["cuts"],
        lists={name: tuple(words) for name, words in facts["lists"].items()},
        rows=rows,
        metrics={code: _metric(code, about, rows) for code, about in facts["metrics"].items()},
    )


def _rows(name: str, facts: dict[str, Any]) -> Rows:
    lists = {key: tuple(facts.get(key, ())) for key in ("tables", "cuts", "by_order")}
    return Rows(name, **{**facts, **lists})


def _metric(code: str, facts: dict[str, Any], rows: Mapping[str, Rows]) -> Metric:
    if facts["rows"] not in rows:
        raise _wrong(f"$.metrics.{code}.rows", f"没有 {facts['rows']}")
    never_by = tuple(facts.get("never_by", ()))
    return Metric(code=code, **{**facts, "rows": rows[facts["rows"]], "never_by": never_by})


def _wrong(path: str, message: str) -> Misconfigured:
    return Misconfigured(
        f"指标目录 metrics.yaml 的 {path} 不对：{message}", do="对照 include/config/metrics.schema.json 修改"
    )


def _sql(metric: Metric, by: Sequence[str], keeping: Kept) -> str:
    times = [cut for cut in TIMES if cut in keeping.values]
    return statement(
        "metrics/frame",
        code=metric.code,
        rows=metric.rows.name,
        shown=_listed(by),
        # rows that count something once per cut must still show the times that are kept
        cuts=_listed(dict.fromkeys((*by, *times))),
        tables=",\n    ".join(_table(name, metric.rows, keeping) for name in metric.rows.tables),
        scale=str(SCALE[metric.format]),
        kept=keeping.where(times),
        group=f"GROUP BY {', '.join(by)}" if by else "",
    )


def _listed(cuts: Iterable[str]) -> str:
    return "".join(f"{cut}, " for cut in cuts)


def _table(name: str, rows: Rows, keeping: Kept) -> str:
    where = keeping.where(GOODS if name in rows.by_order else [cut for cut in keeping.values if cut not in TIMES])
    table = part(f"metrics/tables/{name}")
    return f"{name} AS\n(\n{f'SELECT * FROM ({table}) {where}' if where else table}\n)"


def _tables(sql: str) -> tuple[str, ...]:
    return tuple(sorted(set(re.findall(r"\b(?:dws|ops)\.(\w+)", sql))))
