"""The ledger page (账本) as on-call sees it."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from jst.clock import SystemClock
from jst.control.check_results import CheckResults
from jst.control.degradation import Degradation
from jst.control.incidents import Incidents
from jst.control.nodes import Nodes
from local.instance import Instance
from tests.support.browse import PATIENCE, Browse
from tests.support.evening import LIVE, RUN, Memory
from tests.support.metadata import drop_pool, put_pools

pytestmark = pytest.mark.postgres

PAGE = "/plugin/jst_ledger"
ROUTES = ("ledger", "ledger/now", "ledger/files/ledger.css", "ledger/files/ledger.js", "ledger/files/icon.svg")


def ledger(page: Page) -> FrameLocator:
    """The page inside Airflow's frame, with its first content."""
    page.goto(PAGE)
    inside = page.frame_locator("iframe")
    expect(inside.locator("h1")).to_have_text("账本")
    return inside


def headline(inside: FrameLocator) -> str:
    return inside.locator("[data-part=headline]").inner_text()


def test_on_call_finds_it_in_the_navigation_and_reads_that_all_is_well(browse: Browse, memory: Memory) -> None:
    page = browse()
    page.goto("/")
    # the hint on Airflow's home names it, too, in a link that opens another window
    page.locator("a[href='/plugin/jst_ledger']:not([target=_blank])").first.click()
    inside = page.frame_locator("iframe")
    expect(inside.locator(".headline")).to_contain_text("全部正常，数据到")
    for module in (*LIVE, "sku"):
        card = inside.locator(f"[data-module={module}]")
        expect(card).to_contain_text("已证明")
        assert card.locator("dt").all_inner_texts() == ["读水位 read", "完整水位 complete"]
        assert card.locator("time").all_inner_texts() == [memory.told(-2)] * 2


def test_an_open_window_shows_its_reason_and_leads_to_its_run(browse: Browse, memory: Memory, dags: None) -> None:
    reason = "读取期间总数变多（120→121），有迟到的提交"
    memory.batch("sale_out", -60, -50, proof="", reason=reason)
    page = browse()
    inside = ledger(page)
    assert "销售出库有 1 个窗口未证明" in headline(inside)
    assert "处理：" in headline(inside)
    expect(inside.locator("[data-part=open]")).to_contain_text(reason)
    inside.locator("[data-part=open] a").first.click()
    page.wait_for_url("**/dags/jst_sale_out/runs/**")
    assert RUN.replace(":", "%3A").replace("+", "%2B") in page.url


def test_a_pool_that_airflow_lacks_is_said_until_it_is_there(browse: Browse, memory: Memory, stack: Instance) -> None:
    drop_pool(stack, "live")
    try:
        inside = ledger(browse())
        expect(inside.locator("[data-part=headline]")).to_contain_text("Airflow 里没有资源池 live：用它们的任务停在")
    finally:
        put_pools(stack)
    expect(inside.locator("[data-part=headline]")).to_contain_text("全部正常")


def test_news_come_by_themselves_and_go_again(browse: Browse, memory: Memory) -> None:
    inside = ledger(browse())
    expect(inside.locator(".headline.good")).to_be_visible()
    memory.feeds.failed("inventory", RUN, "任务 watch_inventory 失败：不认签名。处理：核对 app_secret", hopeless=False)
    expect(inside.locator(".headline.bad")).to_contain_text("核对 app_secret")
    memory.database.rows("UPDATE feed SET hold_until = now()")
    expect(inside.locator(".headline.good")).to_be_visible()


def test_the_calendar_says_what_is_known_of_a_day(browse: Browse, memory: Memory) -> None:
    good = memory.certificate(2, "sale_out")
    memory.certificate(2, "inventory")
    bad = memory.certificate(1, "sale_out", missing=3, reasons=("14 时：源端 3 个主键没有答复",))
    memory.certificate(1, "inventory", exceptions=2)
    page = browse()
    page.goto("/jst/ledger")
    expect(page.locator(f"[data-key='{good}']")).to_have_class("day proven")
    page.locator(f"[data-key='{bad}']").click()
    detail = page.locator(f"#day-{bad}")
    expect(detail).to_contain_text("14 时：源端 3 个主键没有答复")
    expect(detail).to_contain_text("9,876,543.21")
    memory.certificate(1, "sale_out")  # checked again: the open page follows, and what is read stays open
    expect(detail.locator("h2")).to_contain_text("完整，但有例外")
    expect(detail).to_be_visible()


def test_a_feed_in_batches_is_no_alarm_and_says_when_the_next_is_due(browse: Browse, memory: Memory) -> None:
    degraded = Degradation(memory.database).step_down("after_sale", "最近 3 分钟 60 次请求中有 41 次被源端拒绝")
    inside = ledger(browse())
    expect(inside.locator("[data-module=after_sale] .why")).to_contain_text("每 5 分钟一批")
    expect(inside.locator("[data-module=after_sale] .why")).to_contain_text(f"{degraded.due_at:%H:%M:%S}")
    expect(inside.locator("[data-part=degradations]")).to_contain_text("41 次被源端拒绝")
    expect(inside.locator(".headline.warn")).to_be_visible()


def test_the_budget_says_who_spent_it(browse: Browse, memory: Memory) -> None:
    spent = ledger(browse()).locator("[data-part=budget]")
    expect(spent).to_contain_text("实时 1")
    expect(spent.locator("tbody tr")).to_have_count(len(LIVE))


def test_a_standby_is_shown_where_there_is_one(browse: Browse, memory: Memory) -> None:
    inside = ledger(browse())
    expect(inside.locator("[data-part=nodes]")).to_have_count(0)
    Nodes(memory.database, SystemClock()).register(["10.0.0.11:9000", "10.0.0.12:9000"])
    expect(inside.locator("[data-part=nodes] tbody tr").first).to_contain_text("10.0.0.11:9000正在服务")
    expect(inside.locator("[data-part=nodes]")).to_contain_text("10.0.0.12:9000离开")


def test_checks_are_shown_with_what_they_found_and_what_to_do(browse: Browse, memory: Memory, dags: None) -> None:
    results, incidents = CheckResults(memory.database), Incidents(memory.database)
    results.record("stale_label", 0, [], 0.4)
    page = browse()
    inside = ledger(page)
    checks = inside.locator("[data-part=checks]")
    expect(checks.locator("tbody tr")).to_have_count(1)
    expect(checks.locator("tbody tr")).to_contain_text("标签或扣点与维表不一致 stale_label没有问题数据组")
    expect(inside.locator(".headline.good")).to_be_visible()
    results.record("amounts", 7, [f"sale_out CK{number}" for number in range(5)], 1.2)
    said = "明细金额加起来不等于单据金额：7 单（sale_out CK0 …）"
    incidents.open("check", "", "amounts", said, "用 jst_rebuild 重放")
    incidents.open("check_warn", "", "unknown_sku", "商品资料里没有的 SKU：1 个（A）", "核对这个商品")
    first = checks.locator("tbody tr").first
    expect(first).to_contain_text("7 单")
    expect(first).to_contain_text("sale_out CK4 … 处理：")
    expect(inside.locator(".headline.bad")).to_contain_text(said)
    notes = inside.locator("[data-part=notes]")
    expect(notes).to_contain_text("1 项数据提醒，不急")
    notes.locator("summary").click()
    results.record("duplicate", 0, [], 0.4)  # the page is drawn anew: what was folded out stays so
    expect(checks.locator("tbody tr")).to_have_count(3)
    expect(notes.locator("li")).to_contain_text("商品资料里没有的 SKU：1 个（A）")
    inside.locator(".headline a").click()
    page.wait_for_url("**/dags/jst_checks")


def test_a_bad_workbook_is_a_warning_and_says_every_mistake(browse: Browse, memory: Memory) -> None:
    what = "店铺表 shops.xlsx 有 2 处错误：工作表“费率”第 2 行“费率”：“5”不对；工作表“店铺”第 3 行“平台”：空不对"
    Incidents(memory.database).open("shops_workbook", "shop", "workbook", what, "改正 shops.xlsx")
    inside = ledger(browse())
    expect(inside.locator(".headline.warn")).to_contain_text(what)
    expect(inside.locator(".headline.warn")).to_contain_text("处理：改正 shops.xlsx")


def test_what_the_source_sent_is_shown_and_never_run(browse: Browse, memory: Memory) -> None:
    memory.batch("sale_out", -60, -50, proof="", reason="<img src=x onerror=\"document.title='run'\">")
    inside = ledger(browse())
    expect(inside.locator("[data-part=open] .reason")).to_have_text("<img src=x onerror=\"document.title='run'\">")
    assert inside.locator("h1").evaluate("() => document.title") == "账本 · jst-lingyang"


def test_a_control_database_that_is_away_is_said_and_the_old_page_stays(browse: Browse, memory: Memory) -> None:
    inside = ledger(browse())
    expect(inside.locator(".headline.good")).to_be_visible()
    with memory.away():
        expect(inside.locator(".headline.bad")).to_contain_text("账本没有新数据：控制库 jst_ops 现在不可用")
        expect(inside.locator(".headline.bad")).to_contain_text("处理：检查 PostgreSQL 是否在运行")
        expect(inside.locator("#age")).to_contain_text("秒前的数据")
        expect(inside.locator("[data-module=sale_out]")).to_be_visible()
        expect(ledger(browse()).locator(".headline.bad")).to_contain_text("账本没有新数据")
    expect(inside.locator(".headline.good")).to_be_visible()


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_sees_anything_without_logging_in(airflow: str, memory: Memory, route: str) -> None:
    answer = httpx.get(f"{airflow}/jst/{route}", trust_env=False, timeout=PATIENCE)
    assert answer.status_code == 401
    assert "水位" not in answer.text


def test_no_page_describes_the_routes(airflow: str, memory: Memory) -> None:
    for route in ("docs", "redoc", "openapi.json", "ledger/files/page.py", "ledger/files/..%2Fpage.py"):
        answer = httpx.get(f"{airflow}/jst/{route}", trust_env=False, timeout=PATIENCE)
        assert answer.status_code in (401, 404)


def test_the_app_key_is_nobodys_business(browse: Browse, memory: Memory) -> None:
    inside = ledger(browse())
    expect(inside.locator("[data-part=budget]")).to_contain_text("erp.example.com")
    assert "the-app-key" not in inside.locator("body").inner_html()


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_a_phone_and_a_desk(browse: Browse, memory: Memory, width: int) -> None:
    memory.letter(memory.batch("sale_out", -60, -50, letters=1))
    page = browse(width=width, dark=width == 390)
    page.goto("/jst/ledger")
    expect(page.locator(".headline.warn")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
