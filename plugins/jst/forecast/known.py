"""Which days and hours of sale-outs are complete, by watermarks, certificates and the days whose marts are behind."""

from __future__ import annotations

from datetime import date

from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.forecast.history import DAY, Coverage
from jst.warehouse.sql import statement

MODULE = "sale_out"


def read_coverage(database: Database, today: date) -> Coverage:
    """Read what is known. Raises Retry when the control database is away."""
    marks = {
        kind: value.astimezone(SHANGHAI) for kind, value in database.rows(statement("forecast/known"), module=MODULE)
    }
    certified = dict(database.rows(statement("forecast/certified"), module=MODULE))
    behind = {day: (since, made) for day, since, made in database.rows(statement("forecast/behind"))}
    # older days that wait are corrected here and there; these two have not got their last hours yet
    waiting = [since.astimezone(SHANGHAI) for day, (since, _) in behind.items() if day >= today - DAY]
    until = marks.get("complete")
    return Coverage(
        marks.get("start"),
        min([until, *waiting]) if until else None,
        frozenset({day for day, proven in certified.items() if not proven})
        | {day for day, (_, made) in behind.items() if not made},
        frozenset(day for day, proven in certified.items() if proven),
    )
