"""A replenishment plan as a buyer makes it on the board: the form, the way it comes, the file, and those before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from clickhouse_driver import Client
from playwright.sync_api import Locator, Page, expect

from tests.support.board_fixtures import PHONE, Open
from tests.support.board_site import BoardSite
from tests.support.company import MOMENT, goods, insert

NAME = "生成补货计划"
LOOK_MS = 2_100


@pytest.fixture
def plans(site: BoardSite, client: Client) -> Iterator[BoardSite]:
    """The site before the first plan."""
    yield site
    site.plans.plans.clear()
    site.runs.started.clear()
    client.execute("TRUNCATE TABLE dws.dws_replenishment_line")
    client.execute("TRUNCATE TABLE dws.dws_replenishment_outcome")


def form(page: Page) -> Locator:
    page.get_by_role("button", name=NAME).click()
    found = page.get_by_role("dialog").locator("form")
    expect(found).to_be_visible()
    return found


def store_plan(client: Client, number: int) -> None:
    """Two lines to buy and one to move."""
    rows = [
        {
            "replenishment_id": number, "line_number": at, "kind": "move" if at == 3 else "order", "priority": at,
            "sku_id": sku["sku_id"], "wms_co_id": 11001, "warehouse_name": "杭州主仓",
            "from_wms_co_id": 11002 if at == 3 else 0, "from_warehouse_name": "东莞分仓" if at == 3 else "",
            "i_id": sku["i_id"], "sku_name": sku["name"], "category": sku["category"], "qty": 10 * at,
            "needed_qty": 10 * at, "daily_demand": Decimal("2.5"), "stock_qty": Decimal(4), "available_qty": Decimal(3),
            "in_transit_qty": Decimal(0), "run_out_day": (MOMENT + timedelta(days=at)).date(), "reason": "卖得快",
            "cost_price": Decimal("12.50"), "amount": Decimal("12.50") * 10 * at if at < 3 else Decimal(0),
            "made_at": MOMENT.replace(tzinfo=None), "version": 1, "is_deleted": 0,
        }
        for at, sku in enumerate(goods()[:3], 1)
    ]  # fmt: skip
    insert(client, "dws.dws_replenishment_line", rows)


def test_a_buyer_makes_a_plan_and_gets_its_file(board: Open, plans: BoardSite, client: Client, tmp_path: Path) -> None:
    page = board("stock_warning")
    filled = form(page)
    filled.get_by_label("覆盖天数").fill("21")
    filled.get_by_label("外套").check()
    filled.get_by_role("button", name=NAME).press("Enter")
    box = page.get_by_role("dialog")
    expect(box.get_by_role("status")).to_have_text("等待开始")
    ((params, by),) = plans.runs.started.values()
    assert (params["cover_days"], params["category"], by) == (21, ["外套"], "cai.wu")
    (run,) = plans.runs.started
    plans.runs.states[run] = "running"
    plans.plans.change(1, state="running", progress="读出 48 个商品的库存", share=0.4)
    page.clock.run_for(LOOK_MS)
    expect(box.get_by_role("status")).to_have_text("读出 48 个商品的库存")
    expect(box.get_by_role("progressbar")).to_have_attribute("value", "0.4")
    store_plan(client, 1)
    plans.plans.change(1, state="done", lines=3, amount=Decimal("375.00"))
    page.clock.run_for(LOOK_MS)
    expect(box.get_by_role("status")).to_have_text("✓ 已完成，3 行")
    expect(box.locator("dl")).to_contain_text("375.00")
    with page.expect_download() as downloaded:
        box.get_by_role("link", name="下载 Excel").click()
    assert re.fullmatch(r"补货计划-1-\d{8}-\d{4}\.xlsx", downloaded.value.suggested_filename)
    downloaded.value.save_as(tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    bought = [row for row in book["采购 杭州主仓"].iter_rows(values_only=True) if row[0] in {"YS0001", "YS0002"}]
    assert [(row[0], row[9], row[10]) for row in bought] == [("YS0001", 10, 12.5), ("YS0002", 20, 12.5)]
    assert book["调拨"]["A2"].value == "YS0003"
    assert box.get_by_role("button", name="历史计划").is_visible()


def test_what_was_filled_in_wrongly_is_said_before_anything_runs(board: Open, plans: BoardSite) -> None:
    page = board("stock_warning", size=PHONE, noise="400")
    filled = form(page)
    cover, spread = filled.get_by_label("覆盖天数"), filled.get_by_label("到货浮动")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    expect(cover).to_have_accessible_description(re.compile("到货之后要够卖几天"))
    cover.fill("900")
    cover.press("Enter")
    expect(cover).to_have_accessible_description(re.compile("⚠ 请填 1–90 天"))
    expect(cover).to_be_focused()
    cover.fill("")
    cover.press("Enter")
    expect(filled.locator(".wrong").filter(has_text="请填写 1–90 天")).to_be_visible()
    cover.fill("14")
    expect(cover).not_to_have_attribute("aria-invalid", "true")
    spread.fill("80")  # more than the lead time: only the server knows
    spread.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("处理：")).to_be_visible()
    assert plans.runs.started == {}


def test_earlier_plans_stand_with_what_came_of_them(board: Open, plans: BoardSite, client: Client) -> None:
    for number, state in enumerate(("done", "failed"), 1):
        plans.plans.ask(f"run-{number}", "li.na", {"cover_days": 14})
        plans.plans.change(number, state=state, lines=3, amount=Decimal("375.00"), progress="没有库存数据")
    outcome = {
        "replenishment_id": 1, "looked_at": MOMENT.replace(tzinfo=None), "until_day": MOMENT.date(), "sku_count": 3,
        "arrived_sku_count": 2, "ordered_sku_count": 1, "ran_out_sku_count": 0, "sold_qty": Decimal(55),
        "arrived_qty": Decimal(30), "planned_qty": Decimal(30), "version": 1, "is_deleted": 0,
    }  # fmt: skip
    insert(client, "dws.dws_replenishment_outcome", [outcome])
    for viewer, has_cost in (("cai.wu", True), ("zhao.lei", False)):
        page = board("stock_warning", viewer=viewer)
        page.get_by_role("button", name="历史计划").click()
        rows = page.get_by_role("dialog").locator("tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("没有做成：没有库存数据")
        expect(rows.nth(1)).to_contain_text(re.compile(r"li\.na.*覆盖天数 14 天.*3 个商品里 2 个到了货"))
        assert ("375.00" in rows.nth(1).inner_text()) == has_cost
        expect(page.get_by_role("dialog").get_by_role("link", name="下载 Excel")).to_have_count(1)


def test_a_shop_owner_without_the_role_reads_why_and_a_wall_has_no_button(board: Open, plans: BoardSite) -> None:
    page = board("stock_warning", viewer="he.xin")
    expect(page.locator(".may-not")).to_contain_text("补货计划只给采购角色")
    expect(page.get_by_role("button", name=NAME)).to_have_count(0)
    answer = page.request.post(f"{plans.url}/stock_warning/plan", data={})
    assert (answer.status, "采购" in answer.json()["detail"]) == (403, True)
    wall = board("stock_warning", wall=1)
    expect(wall.get_by_role("button", name=NAME)).to_have_count(0)
    expect(wall.locator(".may-not")).to_have_count(0)
