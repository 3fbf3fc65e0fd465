"""The operators of ``lingyang_forecast``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections
from jst.forecast.promos import load_promos
from jst.forecast.sales_forecast import SalesForecast
from jst.replenishment import outlook

if TYPE_CHECKING:
    from airflow.sdk import Context


LOOK_AGAIN, WAIT = timedelta(seconds=30), timedelta(minutes=40)
"""How often, and for how long, a run waits for the first load; the next hour's run goes on waiting."""


class ForecastSalesOperator(BaseOperator):
    """Score what is over and publish the forecast of today; returns what it came to, in a few words. While no day is
    known yet it waits in the triggerer: boards of a new installation get their forecast as soon as there can be one."""

    def execute(self, context: Context) -> dict[str, Any] | None:
        return self.forecast(context, first_look=None)

    def forecast(self, context: Context, first_look: datetime | None, event: object = None) -> dict[str, Any] | None:
        """Do it, or wait. ``first_look``: when this run looked for the first time, None: it does now."""
        with parts_from_connections() as parts:
            now = parts.clock.now()
            outcome = SalesForecast(parts.database, parts.warehouse, parts.clock).run()
        if outcome is not None:
            return dict(msgspec.to_builtins(outcome))
        first_look = first_look or now
        if now - first_look < WAIT:
            self.defer(
                trigger=DateTimeTrigger(moment=now + LOOK_AGAIN),
                method_name="forecast",
                kwargs={"first_look": first_look},
            )
        return None


class OutlookOperator(BaseOperator):
    """Say of every SKU how many days its stock lasts; returns how many SKUs and warehouses there are."""

    def execute(self, context: Context) -> int:
        with parts_from_connections() as parts:
            return outlook.refresh(parts.warehouse, parts.clock, load_promos())
