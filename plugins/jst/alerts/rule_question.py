"""From a rule to the statement that answers it: its values beside each other, a row per subject that is not calm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from jst.alerts.rules import Rule, RuleValue
from jst.boards.named_periods import period_of
from jst.metrics.catalogue import Catalogue
from jst.warehouse.sql import statement

MOST_SUBJECTS = 20_000
_NAME = re.compile(r"%\((\w+)\)s")
_MODULES = {"stock": "inventory", "shipped": "sale_out", "after_sales": "after_sale"}
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class RuleQuestion:
    """For the login ``reader``; answers rows of the cuts, then of the rule's values."""

    reader: str
    sql: str
    parameters: dict[str, Any] = field(repr=False)


def modules_of(rule: Rule) -> set[str]:
    """Return the modules whose marks say how far the figures of a rule go."""
    return {_MODULES[table] for value in rule.values for table in value.metric.rows.tables if table in _MODULES}


def question(catalogue: Catalogue, rule: Rule, as_of: datetime, days: Sequence[date] = ()) -> RuleQuestion:
    """Compose what a rule asks. ``as_of``: the moment the data are of; ``days``: a past day instead of today."""
    asked = [(value.metric.code, value.period) for value in rule.values]
    asked += [(value.metric.code, period) for value in rule.values for period in _against(value)]
    columns = {each: f"m{number}" for number, each in enumerate(dict.fromkeys(asked))}
    parameters: dict[str, Any] = {}
    parts = []
    for number, (code, period) in enumerate(columns):
        ((_, single),) = catalogue.beside([code], period_of(period, as_of, days), rule.by)
        parameters |= {f"q{number}_{name}": given for name, given in single.parameters.items()}
        placed = ", ".join(f"{code if at == number else 'NULL'} AS {name}" for at, name in enumerate(columns.values()))
        sql = _NAME.sub(rf"%(q{number}_\1)s", single.sql)
        parts.append(f"SELECT {_listed(rule.by)}{placed}\nFROM\n(\n{sql}\n)")
    values = [f"{_expression(value, columns)} AS v{number}" for number, value in enumerate(rule.values)]
    sql = statement(
        "alerts/crossed",
        by=_listed(rule.by),
        shown=", ".join(f"v{number}" for number in range(len(rule.values))),
        values=", ".join(values),
        metrics="\nUNION ALL\n".join(parts),
        group=f"GROUP BY {', '.join(rule.by)}" if rule.by else "",
        kept=" AND ".join(_conditions(rule)),
        order=", ".join(_order(rule)),
        most=str(MOST_SUBJECTS),
    )
    return RuleQuestion(rule.values[0].metric.rows.reader, sql, parameters)


def _against(value: RuleValue) -> list[str]:
    """Return the periods a quotient needs beside its own."""
    return {"": [], "week_mean": ["last_7_days", "today"]}.get(value.against, [value.against])


def _expression(value: RuleValue, columns: dict[tuple[str, str], str]) -> str:
    def column(period: str) -> str:
        return f"any({columns[value.metric.code, period]})"

    own = column(value.period)
    if not value.against:
        # a flow that has no row is nothing; of a level or a share nothing is known
        return f"ifNull({own}, 0)" if value.metric.additive and not value.metric.rows.level else own
    if value.against == "week_mean":
        whole = f"(ifNull({column('last_7_days')}, 0) - ifNull({column('today')}, 0))"
        return f"{own} * {_WEEK_DAYS} / nullIf(toFloat64({whole}), 0)"
    return f"{own} / nullIf(toFloat64({column(value.against)}), 0)"


def _conditions(rule: Rule) -> Iterator[str]:
    bounds = [rule.calm_border, *(value.bound for value in rule.values[1:])]
    for number, (value, bound) in enumerate(zip(rule.values, bounds, strict=True)):
        if bound is not None:
            # as a Decimal: a binary 0.05 is not the share 0.05; quotients are binary themselves
            than = str(bound.than) if value.against else f"toDecimal128('{bound.than}', 9)"
            yield f"v{number} {bound.sign} {than}"


def _order(rule: Rule) -> Iterator[str]:
    yield f"v0 {'DESC' if rule.bound.upward else 'ASC'}"
    yield from (f"v{number} DESC" for number, value in enumerate(rule.values[1:], 1) if value.bound is not None)
    yield from rule.by


def _listed(cuts: Sequence[str]) -> str:
    return "".join(f"{cut}, " for cut in cuts)
