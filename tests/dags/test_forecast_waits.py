"""A run of the forecast on a new installation waits for the first load instead of ending without one."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.forecast.sales_forecast import ForecastOutcome

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported
NOON = datetime(2026, 11, 30, 12, 10, tzinfo=SHANGHAI)


class Run:
    """A task that is resumed as often as it waits; ``known``: from when on a day is known."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, known: datetime) -> None:
        from jst.airflow.operators import forecast

        self.now, self.known = NOON, known
        parts = SimpleNamespace(database=None, warehouse=None, clock=SimpleNamespace(now=lambda: self.now))
        monkeypatch.setattr(forecast, "parts_from_connections", lambda: nullcontext(parts))
        monkeypatch.setattr(forecast, "SalesForecast", lambda *_: SimpleNamespace(run=self._forecast))
        self.operator = forecast.ForecastSalesOperator(task_id="forecast_sales")

    def _forecast(self) -> ForecastOutcome | None:
        return ForecastOutcome(8, "profile", 12.5, "", False) if self.now >= self.known else None

    def to_its_end(self) -> dict[str, Any] | None:
        from airflow.sdk.exceptions import TaskDeferred

        method, facts = "execute", dict[str, Any]()
        while True:
            try:
                return getattr(self.operator, method)({}, **facts)  # type: ignore[no-any-return]
            except TaskDeferred as waiting:
                self.now, method, facts = waiting.trigger.moment, waiting.method_name, waiting.kwargs or {}


def test_there_is_a_forecast_half_a_minute_after_the_first_day_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, NOON + timedelta(minutes=7))
    outcome = run.to_its_end()
    assert outcome is not None
    assert outcome["shops"] == 8
    assert run.now - run.known < timedelta(seconds=31)


def test_a_run_ends_before_the_next_hours_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, NOON + timedelta(days=1))
    assert run.to_its_end() is None
    assert timedelta(minutes=39) < run.now - NOON < timedelta(minutes=50)
