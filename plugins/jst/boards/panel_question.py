"""From a panel to the statements that answer it: its metrics beside each other, one statement per login that may read
them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from jst.boards.board_spec import FILTERS, MOST_ROWS, Board, Bound, Step, Value
from jst.boards.named_periods import period_of
from jst.metrics.catalogue import WIDE, Catalogue, Question
from jst.metrics.kept_rows import Only, kept
from jst.warehouse.sql import part, statement

MONITORING, FINANCE = "monitoring", "boards_finance"
_NAME = re.compile(r"%\((\w+)\)s")
_SIGNS = {"above": ">", "below": "<", "at_least": ">=", "at_most": "<="}
_ORDERS = {"shipped": ("sale_out",), "refunded": ("after_sale",)}
_MODULES = {
    "stock": "inventory",
    "shipped": "sale_out",
    "after_sales": "after_sale",
    "forecast": "sale_out",
    "outlook": "inventory",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a viewer has chosen: values by the filter's name (shop, platform, category), and days."""

    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``reader``: the login that asks; ``columns``: names of what comes back, without the last, seen.
    ``through_marts``: it reads small tables that follow the wide ones."""

    reader: str
    sql: str
    parameters: dict[str, Any] = field(repr=False)
    columns: tuple[str, ...]
    through_marts: bool = False


def reader_of(value: Value) -> str:
    """Return the login that may read a value."""
    return FINANCE if value.metric.role == "finance" else value.metric.rows.reader


def modules_of(step: Step) -> set[str]:
    """Return the modules whose marks say how far the figures of a step go; none where only operation is looked at."""
    if step.orders:
        return set(_ORDERS[step.orders])
    tables = {table for value in step.values for table in value.metric.rows.tables}
    return {_MODULES[table] for table in tables if table in _MODULES}


def modules_behind(board: Board) -> set[str]:
    """Return the modules that any panel of a board shows."""
    return {name for panel in board.panels.values() for name in modules_of(panel.step)}


def filters_of(step: Step) -> tuple[str, ...]:
    """Return the filters that apply: those all its metrics know, else figures beside each other would not fit; what is
    optional has no say."""
    values = [*(value for value in step.values if not value.optional), *bounded(step.keep)]
    return tuple(name for name, cut in FILTERS.items() if all(cut in value.metric.cuts for value in values))


def unreached_by(step: Step, value: Value) -> list[str]:
    """List the filters that apply to a step and cannot reach one of its values."""
    return [name for name in filters_of(step) if FILTERS[name] not in value.metric.cuts]


def bounded(keep: Iterable[Iterable[Bound]]) -> Iterator[Value]:
    """Yield the values by which rows are kept."""
    return (value for bounds in keep for value, _, _ in bounds)


def absent(step: Step, value: Value) -> int | None:
    """Return what a value is under a cut that it has no row for: a flow is nothing there, a level or a share is
    unknown."""
    metric = value.metric
    return 0 if step.by and not metric.rows.level and (metric.additive or metric.format == "count") else None


def statements(
    catalogue: Catalogue, step: Step, as_of: datetime, chosen: Chosen, keys: Only, *, finance: bool
) -> Iterator[Statement]:
    """Compose what a step asks, the login of its first value first. ``keys``: cut → values of the row one looks behind;
    ``finance``: the viewer has this role, else such values are left out."""
    if step.orders:
        yield _orders(catalogue, step, as_of, chosen, keys)
        return
    filtered = {name for name, _ in chosen.values}
    values = [
        value
        for value in step.values
        if (finance or value.metric.role != "finance") and filtered.isdisjoint(unreached_by(step, value))
    ]
    for reader in dict.fromkeys(map(reader_of, values)):
        own = [value for value in values if reader_of(value) == reader]
        yield _beside(catalogue, step, own, reader, (as_of, chosen, keys), first=reader == reader_of(values[0]))


def _beside(
    catalogue: Catalogue, step: Step, values: Sequence[Value], reader: str, of: tuple[datetime, Chosen, Only], *,
    first: bool,
) -> Statement:  # fmt: skip
    """``first``: the statement that decides which rows there are."""
    as_of, chosen, keys = of
    kept_by = step.keep if first else ()
    asked = list(dict.fromkeys([*values, *bounded(kept_by)]))
    questions = list(_questions(catalogue, step, asked, as_of, chosen, keys))
    renamed = [_renamed(question.sql, index) for index, (_, question) in enumerate(questions)]
    among = _among(step, kept_by, {value: sql for (of, _), sql in zip(questions, renamed, strict=True) for value in of})
    by = "".join(f"{cut}, " for cut in step.by)
    number = {value: index for index, value in enumerate(asked)}
    parameters = {
        f"q{index}_{name}": given
        for index, (_, question) in enumerate(questions)
        for name, given in question.parameters.items()
    }
    conditions = " AND ".join(
        f"({' OR '.join(f'v{number[value]} {_SIGNS[sign]} {bound}' for value, sign, bound in bounds)})"
        for bounds in kept_by
    )
    sql = statement(
        "boards/panel",
        by=by,
        shown="".join(f"v{number[value]}, " for value in values),
        seen="0" if reader == MONITORING else part("boards/seen"),
        values=", ".join(_value(value, index, step) for value, index in number.items()),
        metrics="\nUNION ALL\n".join(
            f"SELECT {by}{_placed(of_question, asked)}\nFROM\n(\n{sql}\n)"
            + ("" if of_question[0].period == step.period else f"\n{among}")
            for (of_question, _), sql in zip(questions, renamed, strict=True)
        ),
        group=f"GROUP BY {', '.join(step.by)}" if step.by else "",
        keep=f"WHERE {conditions}" if conditions else "",
        order=_order(step, {value.column: f"v{at}" for value, at in number.items()}),
        # what is sorted by another login's figures is cut when they stand beside each other
        top=str(step.top if first and is_sorted_by(step, values) else MOST_ROWS),
    )
    columns = (*step.by, *(value.column for value in values))
    return Statement(reader, sql, parameters, columns, any(question.source != WIDE for _, question in questions))


def _questions(
    catalogue: Catalogue, step: Step, asked: Sequence[Value], as_of: datetime, chosen: Chosen, keys: Only
) -> Iterator[tuple[list[Value], Question]]:
    """Yield what the catalogue asks at once: values of one period that stand in one place."""
    applied = filters_of(step)
    filters = {FILTERS[name]: values for name, values in chosen.values if name in applied} | dict(keys)
    together: dict[tuple[str, bool], list[Value]] = {}
    for value in asked:
        together.setdefault((value.period, "day" in value.metric.cuts), []).append(value)
    for (name, has_day), values in together.items():
        period = period_of(name, as_of, chosen.days)
        has_gaps = (period.last - period.first).days + 1 > len(chosen.days) > 1
        days = has_day and has_gaps and name in ("now", "today")
        only = ({"day": [day.isoformat() for day in chosen.days]} if days else {}) | filters
        by_code = {value.metric.code: value for value in values}
        for codes, question in catalogue.beside(list(by_code), period, step.by, only=only):
            yield [by_code[code] for code in codes], question


def is_sorted_by(step: Step, values: Sequence[Value]) -> bool:
    """Say whether these values, with the cuts, decide the order of a step's rows."""
    column = step.sort.removeprefix("-")
    return not column or column in step.by or column in {value.column for value in values}


def _renamed(sql: str, index: int) -> str:
    """Give the parameters of one of several questions names of its own."""
    return _NAME.sub(rf"%(q{index}_\1)s", sql)


def _among(step: Step, kept_by: Sequence[Sequence[Bound]], asked_by: Mapping[Value, str]) -> str:
    """Compose what rows of other periods than the step's must be among; '' where nothing is needed of a row."""
    for (value, sign, bound), *others in kept_by:
        if step.by and not others and value.period == step.period:
            needed = f"{value.metric.code} {_SIGNS[sign]} {bound}"
            return part("boards/among", cuts=", ".join(step.by), question=asked_by[value], needed=needed)
    return ""


def _value(value: Value, index: int, step: Step) -> str:
    return f"{f'any(m{index})' if absent(step, value) is None else f'ifNull(any(m{index}), 0)'} AS v{index}"


def _placed(of_question: Sequence[Value], asked: Sequence[Value]) -> str:
    """Put each value of a question in its column, and nothing in those of the others."""
    return ", ".join(
        f"{value.metric.code if value in of_question else 'NULL'} AS m{at}" for at, value in enumerate(asked)
    )


def _order(step: Step, columns: dict[str, str]) -> str:
    column = step.sort.removeprefix("-")
    by = list(step.by)
    if column in columns or column in by:
        by.insert(0, f"{columns.get(column, column)}{' DESC' if step.sort.startswith('-') else ''}")
    return f"ORDER BY {', '.join(by)}" if by else ""


def _orders(catalogue: Catalogue, step: Step, as_of: datetime, chosen: Chosen, keys: Only) -> Statement:
    period = period_of(step.period, as_of, chosen.days)
    filters = {FILTERS[name]: values for name, values in chosen.values}
    keeping = kept({**filters, **keys}, catalogue.cuts)
    sql = statement(
        f"boards/orders_{step.orders}",
        kept=keeping.where(keeping.values).replace("WHERE", "AND", 1),
        top=str(step.top),
    )
    parameters = {"first": period.first.isoformat(), "last": period.last.isoformat(), **keeping.parameters()}
    return Statement("boards", sql, parameters, ORDER_COLUMNS[step.orders])


ORDER_COLUMNS = {
    "shipped": ("io_id", "o_id", "shop_id", "shop_name", "io_date", "out_qty", "out_amount"),
    "refunded": ("as_id", "o_id", "shop_id", "shop_name", "type", "refund_date", "return_qty", "refund_amount"),
}
