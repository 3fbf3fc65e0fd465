"""What the accounts of ``make up`` open of Airflow, in a browser: a shop owner 看板 alone, on-call the ledger, too."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from local.accounts import ACCOUNTS
from local.instance import Instance
from tests.support.browse import PATIENCE, Browse

pytestmark = pytest.mark.postgres
NAMES = {each.name: each for each in ACCOUNTS}
OPEN = {"plugins", "plugins/importErrors", "monitor/health", "version", "auth/login", "auth/logout"}
"""What Airflow's API answers anybody, or who may see pages of plugins."""
BEYOND = [
    "ui/dags",
    "ui/dashboard/historical_metrics_data?start_date=2026-01-01T00:00:00Z",
    "jst/ledger",
    "jst/ledger/now",
]


def log_in(page: Page, stack: Instance, name: str) -> None:
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", NAMES[name].password(stack.layout.secrets))
    page.click("button[type=submit]")


def test_a_shop_owner_comes_to_the_boards_and_sees_nothing_else(
    browse: Browse, stack: Instance, dags: None, airflow: str
) -> None:
    page = browse(login=False)
    page.goto("/")
    log_in(page, stack, "li.na")
    page.wait_for_url(f"{airflow}/plugin/jst_boards**")
    expect(page.get_by_role("link", name="看板")).to_be_visible()
    expect(page.get_by_role("link", name="账本")).to_have_count(0)
    for name in ("nav-dags-link", "nav-assets-link"):
        expect(page.get_by_test_id(name)).to_have_attribute("disabled", "")
    refused = page.goto("/jst/ledger")
    assert refused is not None
    assert refused.status == 403
    expect(page.locator("body")).to_contain_text("账号 li.na 不能打开这一页")
    cookies = {each["name"]: each["value"] for each in page.context.cookies() if "value" in each and "name" in each}
    with httpx.Client(base_url=airflow, cookies=cookies, trust_env=False, timeout=PATIENCE) as client:
        described = client.get("/openapi.json").raise_for_status().json()["paths"]
        routes = {path.removeprefix("/api/v2/") for path, how in described.items() if "get" in how} - OPEN
        assert len(routes) > 50
        asked = [f"api/v2/{re.sub(r'{[^}]+}', '1', route)}" for route in routes] + BEYOND
        answers = {path: client.get(f"/{path}").status_code for path in asked}
        assert {path: status for path, status in answers.items() if status not in (403, 404, 422)} == {}
        assert list(answers.values()).count(403) > 50
        triggered = client.post("/api/v2/dags/jst_checks/dagRuns", json={"logical_date": None})
        assert triggered.status_code == 403
        views = client.get("/api/v2/plugins").raise_for_status().json()["plugins"][0]["external_views"]
        assert "账本" not in {view["name"] for view in views}


def test_on_call_has_the_ledger_and_the_dags(browse: Browse, stack: Instance, dags: None, airflow: str) -> None:
    page = browse(login=False)
    page.goto("/")
    log_in(page, stack, "oncall")
    page.wait_for_url(f"{airflow}/")
    expect(page.get_by_test_id("nav-sidebar").get_by_role("link", name="账本")).to_be_visible()
    page.goto("/jst/ledger")
    expect(page.locator("h1")).to_have_text("账本")


@pytest.mark.parametrize("address", ["/jst/ledger?lang=zh", "/jst/boards/shops?shop=102"])
def test_a_link_that_needs_a_login_is_where_one_comes_out(
    browse: Browse, stack: Instance, airflow: str, address: str
) -> None:
    page = browse(login=False)
    page.goto(address)
    expect(page.locator("input[name=username]")).to_be_visible()
    log_in(page, stack, "oncall")
    page.wait_for_url(f"{airflow}{address}")
