"""The periods a board names, as business days counted from the moment the data are of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from jst.clock import SHANGHAI
from jst.metrics.catalogue import Period


def period_of(name: str, as_of: datetime, chosen: Sequence[date] = ()) -> Period:
    """Return the period ``name``. ``chosen``: days a viewer looks at instead of today, of which the last is the one
    others are counted from."""
    day = max(chosen, default=as_of.astimezone(SHANGHAI).date())
    firsts = {
        "now": min(chosen, default=day),
        "today": min(chosen, default=day),
        "yesterday": day - timedelta(days=1),
        "yesterday_and_today": day - timedelta(days=1),
        "same_day_last_week": day - timedelta(days=7),
        "last_7_days": day - timedelta(days=7),
        "last_30_days": day - timedelta(days=30),
        "this_month": day.replace(day=1),
    }
    first = firsts[name]
    return Period(first, first if name in ("yesterday", "same_day_last_week") else day, as_of)
