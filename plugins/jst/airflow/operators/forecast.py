"""The operators of ``lingyang_forecast``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections
from jst.forecast.promos import load_promos
from jst.forecast.sales_forecast import SalesForecast
from jst.replenishment import outlook

if TYPE_CHECKING:
    from airflow.sdk import Context


class ForecastSalesOperator(BaseOperator):
    """Score what is over and publish the forecast of today; returns what it came to, in a few words."""

    def execute(self, context: Context) -> dict[str, Any] | None:
        with parts_from_connections() as parts:
            outcome = SalesForecast(parts.database, parts.warehouse, parts.clock).run()
        return None if outcome is None else msgspec.to_builtins(outcome)


class OutlookOperator(BaseOperator):
    """Say of every SKU how many days its stock lasts; returns how many SKUs and warehouses there are."""

    def execute(self, context: Context) -> int:
        with parts_from_connections() as parts:
            return outlook.refresh(parts.warehouse, parts.clock, load_promos())
