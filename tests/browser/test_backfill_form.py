"""The 回填 form of ``jst_backfill``: the days a person picks are business days, whatever zone the UI shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from jst.clock import SHANGHAI
from tests.browser.conftest import Browse

pytestmark = pytest.mark.postgres
DAYS = [datetime.now(SHANGHAI).date() - timedelta(days=number) for number in (4, 3, 2)]


def choose_backfill(page: Page) -> None:
    """Open the form and fill in the first and the last day, as README says."""
    page.goto("/dags/jst_backfill")
    page.get_by_test_id("trigger-dag-button").first.click()
    page.get_by_role("dialog").get_by_text("回填", exact=True).click()
    fields, date = page.get_by_test_id("datetime-input"), page.get_by_placeholder("YYYY/MM/DD")
    expect(fields).to_have_count(2)
    for field, day in ((fields.first, DAYS[0]), (fields.last, DAYS[-1])):
        field.click()
        expect(date).to_have_count(1)
        date.fill(f"{day:%Y/%m/%d}")
        expect(field).to_contain_text(f"{day:%d, %Y}")


def business_days(page: Page, body: dict[str, Any]) -> list[str]:
    """Days of the runs Airflow would create for what the form sent."""
    answer = page.request.post("/api/v2/backfills/dry_run", data=body)
    assert answer.ok, answer.text()
    moments = [datetime.fromisoformat(run["logical_date"]) for run in answer.json()["backfills"]]
    return [str(moment.astimezone(SHANGHAI).date()) for moment in moments]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"], ids=["utc", "shanghai"])
def test_the_days_picked_are_business_days(browse: Browse, dags: None, zone: str) -> None:
    page = browse(timezone=zone)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    choose_backfill(page)
    expect(page.get_by_role("dialog")).to_contain_text("将会触发 3 次执行")
    sent = [request.post_data_json for request in asked if request.url.endswith("/backfills/dry_run")]
    assert sent[-1] is not None
    assert business_days(page, sent[-1]) == [str(day) for day in DAYS]
