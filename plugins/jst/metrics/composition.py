"""The SQL of a question: metrics over the rows they count, made of the wide tables or of one mart that holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jst.metrics.kept_rows import GOODS, TIMES, Kept
from jst.warehouse.sql import part, statement

if TYPE_CHECKING:
    from jst.metrics.catalogue import Mart, Metric, Rows

SCALE = {"count": 0, "quantity": 4, "money": 2, "percent": 4, "number": 2}
"""Decimals a value is rounded to, half away from zero, by format; a day has none."""


def over_wide(metrics: Sequence[Metric], by: Sequence[str], keeping: Kept) -> str:
    """Compose metrics of one kind of rows over the wide tables."""
    rows = metrics[0].rows
    times = [cut for cut in TIMES if cut in keeping.values]
    return statement(
        "metrics/frame",
        counts=_counts(rows.name) if rows.counts else "",
        tables="".join(f"{_table(name, rows, keeping)},\n    " for name in rows.tables),
        values=_values(metrics, by),
        source=part(
            f"metrics/rows/{rows.name}",
            # rows that count something once per cut must still show the times that are kept
            cuts=_listed(dict.fromkeys((*by, *times))),
        ),
        kept=keeping.where(times),
        group=_group(by),
    )


def over_mart(mart: Mart, metrics: Sequence[Metric], by: Sequence[str], keeping: Kept) -> str:
    """Compose metrics that a mart answers over its rows."""
    counts = dict.fromkeys(count for metric in metrics for count in metric.rows.counts)
    # the mart's row is there though only the other side has something on that day
    having = f"\nHAVING {' + '.join(f'sum({count})' for count in counts)} > 0" if by else ""
    return statement(
        "metrics/frame",
        counts=_counts(mart.name),
        tables="",
        values=_values(metrics, by),
        source=part(f"metrics/marts/{mart.name}"),
        kept=keeping.where(keeping.values),
        group=_group(by) + having,
    )


def with_names(sql: str, metrics: Sequence[Metric], by: Sequence[str]) -> str:
    """Name the values by their metrics. Outside: an expression reads columns of the same names."""
    names = ", ".join(f"{name} AS {each.code}" for name, each in zip(_names(metrics), metrics, strict=True))
    return f"SELECT {_listed(by)}{names}\nFROM\n(\n{sql})"


def tables_of(sql: str) -> tuple[str, ...]:
    """List the tables that a statement reads whose age is that of its figures, without their database."""
    return tuple(sorted(set(re.findall(r"\b(?:dws|ops)\.(\w+)", sql))))


def moves(sql: str) -> bool:
    """Say whether a statement asks for more of its moment than the day it is."""
    return "%(as_of)s" in sql.replace("toDate(toDateTime(%(as_of)s, 'Asia/Shanghai'))", "")


def tables_read(sql: str) -> set[str]:
    """List every table that a statement reads, with its database."""
    return set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+\.\w+)", sql))


def _values(metrics: Sequence[Metric], by: Sequence[str]) -> str:
    columns = [_rounded(part(f"metrics/expressions/{each.code}"), each.format) for each in metrics]
    named = zip(columns, _names(metrics), strict=True)
    return _listed(by) + ", ".join(f"{column} AS {name}" for column, name in named)


def _rounded(expression: str, form: str) -> str:
    return f"round({expression}, {SCALE[form]})" if form in SCALE else expression


def _names(metrics: Sequence[Metric]) -> list[str]:
    return ["value"] if len(metrics) == 1 else [f"value_{each.code}" for each in metrics]


def _counts(of: str) -> str:
    """How orders are counted in rows or in a mart."""
    return f"{part(f'metrics/counts/{of}')},\n    "


def _group(by: Sequence[str]) -> str:
    return f"GROUP BY {', '.join(by)}" if by else ""


def _listed(cuts: Iterable[str]) -> str:
    return "".join(f"{cut}, " for cut in cuts)


def _table(name: str, rows: Rows, keeping: Kept) -> str:
    where = keeping.where(GOODS if name in rows.by_order else [cut for cut in keeping.values if cut not in TIMES])
    table = part(f"metrics/tables/{name}")
    return f"{name} AS\n(\n{f'SELECT * FROM ({table}) {where}' if where else table}\n)"
