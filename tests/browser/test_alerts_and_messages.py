"""The pages 告警 and 消息 inside Airflow: what on-call does, what a shop owner may, what a refresh leaves alone."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from jst.control.alert_book import ALERT, AlertBook, Changes, Opening, RuleMark
from jst.messages.message import Message
from jst.messages.outbox import Outbox
from local.accounts import ACCOUNTS
from local.instance import Instance
from local.layout import TOOLS
from tests.support.browse import PATIENCE, Browse
from tests.support.evening import Memory
from tests.support.search_depth import DEPTH

pytestmark = pytest.mark.postgres
NAMES = {each.name: each for each in ACCOUNTS}
ON_CALL = ["oncall"]
FRESH_MS = 31_000
PICTURE = (TOOLS.parent / "docs" / "images" / "board-shops.png").read_bytes()


def enter(browse: Browse, stack: Instance, airflow: str, name: str, path: str) -> Page:
    """A window of an account on a page, whose clock a test moves."""
    account = {"username": name, "password": NAMES[name].password(stack.layout.secrets)}
    answer = httpx.post(f"{airflow}/auth/token", json=account, trust_env=False, timeout=PATIENCE).raise_for_status()
    token = answer.json()["access_token"]
    page = browse(login=False)
    page.context.add_cookies([{"name": "_token", "value": token, "url": airflow}])
    page.clock.install()
    page.goto(path)
    return page


def find(memory: Memory, rule: str, severity: str, *found: Opening) -> None:
    """What a rule finds now: these and no other."""
    mark = RuleMark(memory.now, "")
    AlertBook(memory.database).apply(ALERT, rule, severity, "看", mark, memory.now, lambda _: Changes(found))


NO_ORDERS = Opening("all", "全部店铺：距上次出库 40 分钟", keys={"title": "营业时间没有出库"})
OWN = Opening("A", "SKU-A 云朵轻薄羽绒服：库存数量 0 件", owners=("li.na",), keys={"title": "断货"})
OTHERS = Opening("B", "SKU-B 针织围巾：库存数量 0 件", owners=("wang.wu",), keys={"title": "断货"})


@pytest.mark.search
@pytest.mark.parametrize("who", ON_CALL[: DEPTH.of(0, 1)])
def test_on_call_takes_on_silences_and_loses_no_word_to_a_refresh(
    browse: Browse, stack: Instance, airflow: str, memory: Memory, who: str
) -> None:
    find(memory, "no_orders", "critical", NO_ORDERS)
    page = enter(browse, stack, airflow, who, "/plugin/jst_alerts")
    inside = page.frame_locator("iframe")
    rule = inside.locator("#rule-no_orders")
    expect(inside.locator("#first.bad")).to_contain_text("营业时间没有出库")
    rule.get_by_role("button", name="确认", exact=True).click()
    expect(rule.get_by_role("button", name="确认", exact=True)).to_have_count(0)
    reason = rule.get_by_label("原因")
    reason.fill("盘点，仓库停")
    reason.blur()
    find(memory, "sold_out", "warn", OWN, OTHERS)
    page.clock.fast_forward(FRESH_MS)
    expect(inside.get_by_text("正在填写：这一页暂停刷新")).to_be_visible()
    expect(reason).to_have_value("盘点，仓库停")
    expect(inside.locator("#rule-sold_out")).to_have_count(0)
    reason.press("End")
    reason.press_sequentially("发")
    rule.get_by_role("button", name="静默").click()
    expect(inside.locator("tbody").filter(has_text="盘点，仓库停发")).to_contain_text("oncall")
    expect(inside.locator("#first.good")).to_be_visible()
    sold_out = inside.locator("#rule-sold_out")
    sold_out.locator("summary").first.click()
    expect(sold_out.locator("tbody tr")).to_have_count(2)
    find(memory, "oversold", "warn", Opening("C", "SKU-C 毛线冷帽：超卖数量 3 件"))
    page.clock.fast_forward(FRESH_MS)
    expect(inside.locator("#rule-oversold")).to_contain_text("1 项")
    expect(sold_out.locator("tbody tr").first).to_be_visible()  # what was folded out stays so
    inside.get_by_role("button", name="解除").click()
    expect(rule).to_be_visible()
    expect(inside.get_by_role("heading", name="静默")).to_have_count(0)


def test_a_shop_owner_takes_on_what_is_hers_and_silences_nothing(
    browse: Browse, stack: Instance, airflow: str, memory: Memory
) -> None:
    find(memory, "no_orders", "critical", NO_ORDERS)
    find(memory, "sold_out", "warn", OWN, OTHERS)
    ids = memory.database.rows("SELECT id FROM incident ORDER BY id")
    page = enter(browse, stack, airflow, "li.na", "/jst/alerts?rule=sold_out")
    expect(page.locator("details.rule")).to_have_count(1)
    assert "SKU-B" not in page.content()
    expect(page.get_by_label("原因")).to_have_count(0)
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.locator("#rule-sold_out tbody")).to_contain_text("li.na")
    said: dict[str, dict[str, str | float | bool]] = {
        "silence": {"do": "silence", "rule": "sold_out", "hours": "4", "reason": "试"},
        "acknowledge": {"do": "acknowledge", "ids": ",".join(str(number) for (number,) in ids)},
    }
    answers = {name: page.request.post("/jst/alerts", form=form, max_redirects=0).status for name, form in said.items()}
    assert answers == {"silence": 403, "acknowledge": 303}
    assert memory.database.rows("SELECT count(*) FROM silence") == [(0,)]
    taken = memory.database.rows("SELECT subject FROM incident WHERE acknowledged_at IS NOT NULL")
    assert taken == [("A",)]
    refused = page.goto("/jst/messages")
    assert refused is not None
    assert refused.status == 403
    assert page.request.post("/jst/messages", form={"again": "1"}).status == 403


@pytest.mark.search
@pytest.mark.parametrize("who", ON_CALL[: DEPTH.of(0, 1)])
def test_on_call_sends_again_what_may_have_been_lost(
    browse: Browse, stack: Instance, airflow: str, memory: Memory, who: str
) -> None:
    outbox, until = Outbox(memory.database), memory.now + timedelta(hours=3)
    daily = Message(
        "feishu", "report", "daily", "2026-11-30", until, "昨日经营日报", ("**出库金额** 12.3 万元",),
        link=f"{airflow}/jst/boards/shops", picture=PICTURE,
    )  # fmt: skip
    outbox.put(daily)
    due = outbox.next_due("feishu")
    assert due is not None
    claimed = outbox.claim(due)
    assert claimed is not None
    outbox.mark(claimed, "maybe_sent", what="发送时连接断了", do="到群里看一眼")
    page = enter(browse, stack, airflow, who, "/plugin/jst_messages")
    row = page.frame_locator("iframe").locator("tbody tr").filter(has_text=daily.title)
    expect(row.locator(".tag")).to_have_text("可能已发送")
    row.locator("summary").click()
    expect(row.locator("b")).to_have_text("出库金额")
    width = "each => each.decode().then(() => each.naturalWidth)"
    assert row.get_by_role("img", name="图片").evaluate(width) == 1600
    row.get_by_role("button", name="再发一次").click()
    expect(row.locator(".tag")).to_have_text("等待发送")
    expect(row).to_contain_text("由 oncall 再发")
    row.locator("summary").click()
    row.get_by_role("link", name="打开看板").click()
    page.wait_for_url("**/jst/boards/shops**")  # in Airflow's own window: its frame may open nothing
