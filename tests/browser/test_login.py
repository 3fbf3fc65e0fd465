"""The ground the other browser tests stand on: who logs in sees Airflow, in Chinese; who does not sees nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browse import Browse

pytestmark = pytest.mark.postgres


def test_who_is_logged_in_sees_the_dags(browse: Browse, dags: None) -> None:
    page = browse()
    page.goto("/dags")
    expect(page.get_by_text("1 实时销售出库").first).to_be_visible()
    names = page.get_by_test_id("dag-id").all_inner_texts()
    assert [name[0] for name in names] == sorted(name[0] for name in names)
    assert names[0].startswith("1 实时")


def test_who_is_not_logged_in_is_asked_to(browse: Browse) -> None:
    page = browse(login=False)
    page.goto("/dags")
    expect(page.locator("input[name=username]")).to_be_visible()
    assert "/login" in page.url
