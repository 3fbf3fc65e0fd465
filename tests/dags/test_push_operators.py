"""Which day a run of the daily push is about, and on which days an edition's tasks are skipped."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from jst.push.daily_push import Over

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported
NOON, AFTERNOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC), datetime(2026, 12, 1, 6, 10, tzinfo=UTC)


def context(logical: datetime | None, after: datetime) -> Any:
    return {"dag_run": SimpleNamespace(logical_date=logical, run_after=after)}


@pytest.mark.parametrize(
    ("logical", "on"),
    [
        (datetime(2026, 11, 30, 0, 30, tzinfo=UTC), date(2026, 11, 30)),  # 08:30 in Shanghai
        (datetime(2026, 11, 29, 17, 0, tzinfo=UTC), date(2026, 11, 30)),  # 01:00 of the next day there
        (None, date(2026, 12, 2)),  # by hand, without a logical date: the day it was asked for
    ],
)
def test_a_run_is_due_on_a_day_of_shanghai(logical: datetime | None, on: date) -> None:
    from jst.airflow.operators.push import due_on

    assert due_on(context(logical, datetime(2026, 12, 1, 23, 0, tzinfo=UTC))) == on


def test_a_week_is_skipped_on_other_days_than_monday_and_asks_nothing() -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from jst.airflow.operators.push import SayLateOperator

    tuesday = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    late = SayLateOperator(task_id="say_late_weekly", edition="weekly")
    with pytest.raises(AirflowSkipException, match="经营周报不在 2026-12-01 发"), late.push(context(tuesday, tuesday)):
        pytest.fail("an edition was wired on a day on which it does not go out")


@pytest.mark.parametrize(("began", "red"), [(datetime(2026, 12, 1, 1, 0, tzinfo=UTC), True), (AFTERNOON, False)])
def test_the_first_run_of_an_installation_in_the_afternoon_is_not_red(
    monkeypatch: pytest.MonkeyPatch, began: datetime, red: bool
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from jst.airflow.operators import push

    monkeypatch.setattr(push, "parts_from_connections", nullcontext)
    monkeypatch.setattr(push, "push_of", lambda *_: SimpleNamespace(ends=NOON))
    operator = push.SayLateOperator(task_id="say_late_daily", edition="daily")
    run = SimpleNamespace(logical_date=datetime(2026, 12, 1, 0, 30, tzinfo=UTC), start_date=began)
    about: Any = {"dag_run": run}
    with pytest.raises(Over if red else AirflowSkipException, match="没有发出"), operator.push(about):
        raise Over("经营日报没有发出", do="看账本", is_past=False)
