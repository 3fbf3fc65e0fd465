"""The operators of ``lingyang_forecast``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections
from jst.forecast.sales_forecast import SalesForecast

if TYPE_CHECKING:
    from airflow.sdk import Context


class ForecastSalesOperator(BaseOperator):
    """Score what is over and publish the forecast of today; returns what it came to, in a few words."""

    def execute(self, context: Context) -> dict[str, Any] | None:
        with parts_from_connections() as parts:
            outcome = SalesForecast(parts.database, parts.warehouse, parts.clock).run()
        return None if outcome is None else msgspec.to_builtins(outcome)
