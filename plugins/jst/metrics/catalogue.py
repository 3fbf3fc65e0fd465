"""The metric catalogue: ``include/config/metrics.yaml`` with its SQL becomes questions for ClickHouse.

Pure: nothing is sent here. A question is ``include/sql/metrics/frame.sql`` with the metric's expression
(``expressions/<code>.sql``) over the rows it counts (``rows/<rows>.sql``), made of the wide tables as ``tables/`` reads
them, or over the rows of a mart that has the answer already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema
import msgspec.yaml

from jst.clock import SHANGHAI
from jst.errors import Misconfigured
from jst.metrics.composition import moves, over_mart, over_wide, tables_of, tables_read, with_names
from jst.metrics.kept_rows import Only, kept
from jst.model.metric_lists import Lists, lists_in
from jst.model.module import INCLUDE

WIDE = "wide"


@dataclass(frozen=True, slots=True)
class Rows:
    """What metrics are counted over. ``level``: a state at the end of a day; over a period it is the last day's.
    ``by_order``: tables whose rows belong to the orders of another, so that they are kept by goods only. ``reader``:
    the login that may ask. ``counts``: columns of marts of which one is above 0 where there is a row."""

    name: str
    tables: tuple[str, ...]
    axis: str
    scope: str
    grain: str
    cuts: tuple[str, ...]
    level: bool = False
    by_order: tuple[str, ...] = ()
    reader: str = "boards"
    counts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; ``code`` is its column name, ``name`` and ``english`` what people see, ``number`` its place among the
    42 (0: beside them), ``role``: the only one that may see it ('': all)."""

    code: str
    name: str
    english: str
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
class Mart:
    """A table of dws that holds what metrics say by its ``cuts``; right only when cut by ``needs``."""

    name: str
    cuts: tuple[str, ...]
    answers: tuple[str, ...]
    needs: tuple[str, ...] = ()

    def fits(self, code: str, by: Sequence[str], only: Only) -> bool:
        """Say whether it answers this metric by these cuts, of the rows that are kept."""
        return code in self.answers and {*by, *only} <= {*self.cuts} and {*self.needs} <= {*by}


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
    lists: Lists
    rows: Mapping[str, Rows]
    marts: Mapping[str, Mart]
    metrics: Mapping[str, Metric]

    def question(
        self, code: str, period: Period, by: Sequence[str] = (), *, only: Only = MappingProxyType({}), source: str = ""
    ) -> Question:
        """Compose a metric over a period, cut by columns, of the rows that ``only`` keeps (cut → values). ``source``:
        'wide' or a mart's name asks that, '' the first mart that fits, else the wide tables. Raises Misconfigured for a
        cut that makes no sense, a value it cannot have, and a mart that does not fit."""
        self._check(code, by, only)
        able = self.sources(code, by, only)
        if source and source not in able:
            raise Misconfigured(f"汇总表 {source} 没有这样切分的指标 {code}", do="不指定来源，由指标目录选择")
        return self._ask([self.metrics[code]], source or able[0], period, by, only)

    def beside(
        self, codes: Sequence[str], period: Period, by: Sequence[str] = (), *, only: Only = MappingProxyType({})
    ) -> list[tuple[tuple[str, ...], Question]]:
        """Compose several metrics in as few questions as there are kinds of rows and marts to read; returns the codes
        of each with it. An answer's columns are the cuts, then a value per code, named by it; a metric has 0 or None in
        a row that only another one has. Raises Misconfigured as ``question`` does."""
        together: dict[tuple[str, str], list[Metric]] = {}
        for code in dict.fromkeys(codes):
            self._check(code, by, only)
            source = self.sources(code, by, only)[0]
            metric = self.metrics[code]
            together.setdefault((source, metric.rows.name if source == WIDE else ""), []).append(metric)
        return [
            (tuple(metric.code for metric in metrics), self._ask(metrics, source, period, by, only, named=True))
            for (source, _), metrics in together.items()
        ]

    def _ask(
        self, metrics: Sequence[Metric], source: str, period: Period, by: Sequence[str], only: Only, *,
        named: bool = False,
    ) -> Question:  # fmt: skip
        """Compose metrics that one source has. ``named``: their values are named by their codes, not 'value'."""
        keeping = kept(only, self.cuts)
        first, last = keeping.within(period.first, period.last)
        if metrics[0].rows.level and "day" not in by:
            first = last
        parameters: dict[str, Any] = {
            "first": first.isoformat(),
            "last": last.isoformat(),
            "as_of": period.as_of.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            **self.lists,
            **keeping.parameters(),
        }
        mart = self.marts.get(source)
        sql = over_mart(mart, metrics, by, keeping) if mart else over_wide(metrics, by, keeping)
        return Question(with_names(sql, metrics, by) if named else sql, parameters, source, tables_of(sql))

    def sources(self, code: str, by: Sequence[str] = (), only: Only = MappingProxyType({})) -> tuple[str, ...]:
        """List what can answer the question, the smallest first: marts by name, then 'wide'."""
        return (*(mart.name for mart in self.marts.values() if mart.fits(code, by, only)), WIDE)

    def tables(self, code: str) -> frozenset[str]:
        """List every table that a question of a metric may read, with its database."""
        metric, nothing = self.metrics[code], kept({}, self.cuts)
        wide = over_wide([metric], (), nothing)
        marts = [over_mart(mart, [metric], (), nothing) for mart in self.marts.values() if code in mart.answers]
        return frozenset(tables_read("\n".join((wide, *marts))))

    def moves(self, code: str) -> bool:
        """Say whether a value changes with the time of day although no row was written."""
        return moves(over_wide([self.metrics[code]], (), kept({}, self.cuts)))

    def _check(self, code: str, by: Sequence[str], only: Only) -> None:
        metric = self.metrics[code]
        self._refuse([cut for cut in by if cut not in metric.cuts], metric, "切分")
        self._refuse([cut for cut in only if cut not in metric.cuts], metric, "筛选")

    def _refuse(self, wrong: Sequence[str], metric: Metric, done: str) -> None:
        if wrong:
            raise Misconfigured(
                f"指标 {metric.name}（{metric.code}）不能按{'、'.join(self.cuts.get(cut, cut) for cut in wrong)}{done}",
                do=f"只按{'、'.join(self.cuts[cut] for cut in metric.cuts)}{done}，或换一个指标",
            )


@cache
def load_catalogue(folder: Path = INCLUDE / "config") -> Catalogue:
    """Read and check the catalogue. Raises Misconfigured naming the key that is wrong."""
    facts: dict[str, Any] = msgspec.yaml.decode((folder / "metrics.yaml").read_bytes())
    schema = json.loads((folder / "metrics.schema.json").read_text("utf-8"))
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(facts))
    if problem is not None:
        raise _wrong(problem.json_path, problem.message)
    rows = {name: _rows(name, about) for name, about in facts["rows"].items()}
    for name, mart in facts["marts"].items():
        for code in mart["answers"]:
            if code not in facts["metrics"]:
                raise _wrong(f"$.marts.{name}.answers", f"没有指标 {code}")
    return Catalogue(
        cuts=facts["cuts"],
        lists=lists_in(facts),
        rows=rows,
        marts={name: _mart(name, about) for name, about in facts["marts"].items()},
        metrics={code: _metric(code, about, rows) for code, about in facts["metrics"].items()},
    )


def _rows(name: str, facts: dict[str, Any]) -> Rows:
    lists = {key: tuple(facts.get(key, ())) for key in ("tables", "cuts", "by_order", "counts")}
    return Rows(name, **{**facts, **lists})


def _mart(name: str, facts: dict[str, Any]) -> Mart:
    return Mart(name, **{key: tuple(names) for key, names in facts.items()})


def _metric(code: str, facts: dict[str, Any], rows: Mapping[str, Rows]) -> Metric:
    if facts["rows"] not in rows:
        raise _wrong(f"$.metrics.{code}.rows", f"没有 {facts['rows']}")
    never_by = tuple(facts.get("never_by", ()))
    return Metric(code=code, **{**facts, "rows": rows[facts["rows"]], "never_by": never_by})


def _wrong(path: str, message: str) -> Misconfigured:
    return Misconfigured(
        f"指标目录 metrics.yaml 的 {path} 不对：{message}", do="对照 include/config/metrics.schema.json 修改"
    )
