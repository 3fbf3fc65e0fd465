"""The boards inside Airflow: found by a shop owner, opened by a link from a message, closed to who is not logged in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from local.accounts import ACCOUNTS
from local.instance import Instance
from tests.support.board_site import BoardSite
from tests.support.browse import Browse

pytestmark = pytest.mark.postgres
OWNER = next(each for each in ACCOUNTS if each.name == "li.na")
LINK = "/jst/boards/shops?shop=102&lang=zh"


def log_in(page: Page, stack: Instance) -> None:
    page.fill("input[name=username]", OWNER.name)
    page.fill("input[name=password]", OWNER.password(stack.layout.secrets))
    page.click("button[type=submit]")


def test_a_link_asks_for_the_login_and_opens_what_it_names(browse: Browse, stack: Instance, site: BoardSite) -> None:
    page = browse(login=False)
    said: list[str] = []
    page.goto(LINK)
    expect(page.locator("input[name=username]")).to_be_visible()
    page.on("console", lambda message: said.append(message.text) if "/jst/" in page.url else None)
    log_in(page, stack)
    page.wait_for_url(f"**{LINK}")
    expect(page.locator("body[data-drawn='1']")).to_be_attached()
    expect(page.locator("details[data-filter=shop] summary")).to_contain_text("云杉抖音直播间")
    expect(page.locator(".viewer")).to_have_text(OWNER.name)
    assert said == []
    answer = page.request.get("/jst/boards/shops/data", headers={"Cookie": ""})
    assert answer.status == 401


def test_a_shop_owner_finds_the_boards_in_the_navigation(browse: Browse, stack: Instance, site: BoardSite) -> None:
    page = browse(login=False)
    page.goto("/")
    log_in(page, stack)
    inside = page.frame_locator("iframe")
    expect(inside.locator("body[data-drawn='1']")).to_be_attached()
    expect(inside.locator("h1")).to_have_text("实时库存总览")
    inside.get_by_role("link", name="店铺排行榜").click()
    expect(inside.locator("h1")).to_have_text("店铺排行榜")
    expect(inside.get_by_role("link", name="毛利")).to_have_count(0)
    with page.expect_navigation(url="**/plugin/jst_boards**"):  # by the server, which knows that home has nothing here
        page.get_by_test_id("nav-home-link").click()
    expect(inside.locator("h1")).to_have_text("实时库存总览")
    expect(page.get_by_text("Forbidden")).to_have_count(0)
