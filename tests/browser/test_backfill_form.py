"""The 回填 form of ``jst_backfill``: the days a person picks are business days, whatever zone the UI shows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from jst.clock import SHANGHAI
from tests.support.browse import Browse
from tests.support.search_depth import DEPTH

pytestmark = pytest.mark.postgres
DAYS = [datetime.now(SHANGHAI).date() - timedelta(days=number) for number in (4, 3, 2)]


def business_days(page: Page) -> list[str]:
    """Fill in the form's first and last day as docs/past-days.md says; the days Airflow says it would run."""
    page.goto("/dags/jst_backfill")
    page.get_by_test_id("trigger-dag-button").first.click()
    page.get_by_role("dialog").get_by_text("回填", exact=True).click()
    fields, date = page.get_by_test_id("datetime-input"), page.get_by_placeholder("YYYY/MM/DD")
    expect(fields).to_have_count(2)
    fields.first.click()
    date.fill(f"{DAYS[0]:%Y/%m/%d}")
    fields.last.click()
    expect(date).to_have_count(1)
    with page.expect_response(lambda answer: answer.url.endswith("/backfills/dry_run")) as answer:
        date.fill(f"{DAYS[-1]:%Y/%m/%d}")
    runs = answer.value.json()["backfills"]
    return [str(datetime.fromisoformat(run["logical_date"]).astimezone(SHANGHAI).date()) for run in runs]


@pytest.mark.parametrize("zone", DEPTH.first("UTC", "Asia/Shanghai"))
def test_the_days_picked_are_business_days(browse: Browse, dags: None, zone: str) -> None:
    page = browse(timezone=zone)
    assert business_days(page) == [str(day) for day in DAYS]
    expect(page.get_by_role("dialog").first).to_contain_text("将会触发 3 次执行")
