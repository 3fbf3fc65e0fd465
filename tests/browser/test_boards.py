"""The boards 看板 as a viewer sees them: a month of a company at a moment that stands still, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product

import httpx
import pytest
from clickhouse_driver import Client
from playwright.sync_api import Page, expect

from jst.boards.board_spec import load_boards
from jst.clock import SHANGHAI
from local.layout import TOOLS
from tests.support.board_fixtures import DESK, PHONE, WALL, Open
from tests.support.board_site import BoardSite
from tests.support.browse import PATIENCE
from tests.support.company import BAD, MOMENT, SHOPS, SOLD_OUT, STYLES, Row, goods, insert, make_marts, sale
from tests.support.company_operations import store_operations
from tests.support.search_depth import DEPTH

PICTURES = TOOLS / "browser"
BOARDS = load_boards()
READ = MOMENT - timedelta(seconds=8)
FITS = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
SHOWN = """() => [...document.querySelectorAll(".clock, .body, .stamp, [data-filter]")].map(each => {
  const chart = window.echarts?.getInstanceByDom(each)?.getOption();
  const axes = [...(chart?.xAxis ?? []), ...(chart?.yAxis ?? [])].map(({data}) => data);
  return [axes, chart?.series.map(({data}) => data), each.textContent.replace(/\\d+ ?秒前|:\\d\\d$/, "")];
})"""
"""All days and hours: clock, axes, points of charts, tables, stamps, filters; without seconds that pass meanwhile."""
BARS = """panel => {
  const [series] = echarts.getInstanceByDom(document.querySelector(`[data-panel=${panel}] .body`)).getOption().series;
  return series.data.map(each => [each.value, each.itemStyle?.color ?? ""]);
}"""


def chart_names(page: Page, panel: str) -> list[str]:
    """What the bars of a panel are called."""
    names: list[str] = page.evaluate(
        """panel => echarts
        .getInstanceByDom(document.querySelector(`[data-panel=${panel}] .body`)).getOption().yAxis[0].data""",
        panel,
    )
    return names


@pytest.fixture
def running(site: BoardSite, client: Client) -> Iterator[None]:
    """The pipeline of this very hour: ClickHouse's log of queries has no other."""
    ask = site.login("boards")
    for _ in range(20):
        ask.execute("SELECT 1", settings={"log_comment": "cai.wu"})
    client.execute("SYSTEM FLUSH LOGS")
    now = datetime.now(SHANGHAI) + timedelta(seconds=1)
    store_operations(client, now)
    site.clock.passed = (now - MOMENT).total_seconds()
    yield
    site.clock.passed = 0.0


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_hangs_on_a_wall(board: Open, name: str, request: pytest.FixtureRequest) -> None:
    if name == "pipeline":
        request.getfixturevalue("running")
    page = board(name, size=(1600, 900), wall=1, still=1)
    states = page.locator("[data-panel]").evaluate_all(
        "all => all.map(each => [each.dataset.panel, each.dataset.state])"
    )
    assert states == [[panel, "ok"] for panel in BOARDS[name].panels]
    assert page.evaluate(FITS) == [1600, 900]
    page.screenshot(path=PICTURES / f"board-{name.replace('_', '-')}.png")


@pytest.mark.search
@pytest.mark.parametrize(("name", "size"), [(name, size) for size in (PHONE, (3840, 2160), WALL) for name in BOARDS]
                         [: DEPTH.of(1, 99)])  # fmt: skip
def test_it_fits_a_phone_and_every_wall(
    board: Open, name: str, size: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    if name == "pipeline":
        request.getfixturevalue("running")
    page = board(name, size=size, still=1, **({} if size == PHONE else {"wall": 1}))
    page.screenshot(path=PICTURES / f"board-{name.replace('_', '-')}-{size[0]}.png", full_page=True)
    width, height = page.evaluate(FITS)
    assert width == size[0]
    if size != PHONE:
        assert height == size[1]
    small = page.locator(".value .number, h2, td").evaluate_all(
        "all => all.filter(each => each.checkVisibility() && parseFloat(getComputedStyle(each).fontSize) < 11).length"
    )
    assert small == 0


def test_a_rate_above_the_line_is_red_and_has_a_sign(board: Open) -> None:
    page = board("after_sale")
    bars = page.evaluate(BARS, "top")
    red = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--alarm').trim()")
    assert [rate for rate, colour in bars if colour == red] == [rate for rate, _ in bars if rate > 0.05]
    assert [rate for rate, _ in bars] == sorted((rate for rate, _ in bars), reverse=True)
    bad = {list(STYLES)[number] for number in BAD}
    assert set(chart_names(page, "top")[:2]) <= bad


def test_products_below_safety_stock_blink_and_have_a_sign(board: Open) -> None:
    page = board("stock")
    rows = page.locator("[data-panel=below_safety] tbody tr")
    count = page.locator("[data-column=below_safety_sku_count] .number").inner_text()
    assert rows.count() == int(count) > 0
    assert rows.evaluate_all("all => all.map(each => each.className)") == ["red"] * rows.count()
    signs = rows.get_by_role("img", name="警报")
    assert signs.all_inner_texts() == ["⚠"] * rows.count()
    for opacity in ("0.15", "1", "0.15"):
        expect(signs.first).to_have_css("opacity", opacity)
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("html[data-beat]")).to_be_attached()
    assert signs.first.evaluate("each => getComputedStyle(each).opacity") == "1"
    expect(page.locator("[data-column=oversold_qty] .alarm-word")).to_have_text("卖多了")


def test_what_runs_out_comes_first_and_what_is_sold_out_stands_apart(site: BoardSite) -> None:
    def columns(board: str, panel: str) -> dict[str, list[str]]:
        answer = httpx.get(f"{site.url}/{board}/data", cookies={"viewer": "cai.wu"}, trust_env=False, timeout=PATIENCE)
        found: dict[str, list[str]] = answer.json()["panels"][panel]["columns"]
        return found

    gone = goods()[SOLD_OUT]["sku_id"]
    for board, panel in (("stock", "soonest"), ("stock_warning", "warnings")):
        shown = columns(board, panel)
        days = [Decimal(str(each)) for each in shown["days_of_stock"] if each is not None]
        assert days == sorted(days)
        assert days[0] > 0
        assert gone not in shown["sku_id"]
    assert columns("stock_warning", "sold_out")["sku_id"] == [gone]


OF_DAYS = [name for name in BOARDS if name not in ("trend", "pipeline")]
FAR_AWAY = [("America/New_York", "trend"), ("UTC", "trend"), *product(("UTC", "America/New_York"), OF_DAYS)]


@pytest.mark.search
@pytest.mark.parametrize(("zone", "name"), FAR_AWAY[: DEPTH.of(1, 99)])
def test_a_browser_far_away_shows_the_days_and_hours_of_the_shop(board: Open, zone: str, name: str) -> None:
    here, there = (board(name, zone=each, still=1).evaluate(SHOWN) for each in ("Asia/Shanghai", zone))
    assert there == here
    assert f"数据截至 {READ:%H:%M:%S}" in " ".join(map(str, there))
    if name == "trend":
        assert f"{MOMENT:%m-%d}" in str(there)


def test_the_hour_that_is_running_is_hollow(board: Open) -> None:
    page = board("trend")
    series = page.evaluate("""echarts
        .getInstanceByDom(document.querySelector('[data-panel=hours] .body')).getOption().series
        .map(each => ({id: each.id, data: each.data, symbol: each.symbol}))""")
    solid, running = next(each for each in series if each["id"] == "out_amount"), series[1]
    assert running["symbol"] == "emptyCircle"
    assert running["data"][15] is not None
    assert solid["data"][15] is None
    assert solid["data"][14] is not None
    assert len([each for each in series if each["id"].endswith("running")]) == 1  # yesterday's hours are all over


@pytest.fixture
def ship(site: BoardSite, client: Client) -> Iterator[Callable[[Row], None]]:
    """Ship a thousand of a SKU; all is as before when the test has ended."""
    sold: list[Row] = []

    def ship(sku: Row, *, taken_back: int = 0) -> None:
        order = sale(sku, 101, MOMENT - timedelta(minutes=1), 90_000_000, qty=1_000)
        insert(client, "dws.dws_sale_out", [order | {"version": 2 + taken_back, "is_deleted": taken_back}])
        make_marts(client, [MOMENT.date()], 2 + taken_back)
        site.clock.passed += 30  # what was read moves on, else the last answer stands
        sold.append(sku)

    yield ship
    ship(sold[0], taken_back=1)


def test_the_leaderboard_moves_when_an_order_is_shipped(board: Open, ship: Callable[[Row], None]) -> None:
    page = board("promo", wall=1)
    first = page.locator("[data-panel=products] li").first
    before = page.locator("[data-column=out_amount] .number").get_attribute("data-number")
    sku = goods()[-1]
    ship(sku)
    page.clock.fast_forward(37_000)
    expect(first).to_have_attribute("data-row", sku["sku_id"])
    expect(first.locator(".moved")).to_have_text(re.compile(r"^▲\d+$"))
    page.clock.run_for(1_500)  # as long as it counts up
    amount = page.locator("[data-column=out_amount] .number").get_attribute("data-number")
    assert Decimal(amount or 0) - Decimal(before or 0) == sku["price"] * 1_000
    assert Decimal(first.locator(".amount").get_attribute("data-number") or 0) >= sku["price"] * 1_000


def test_a_filter_stands_in_the_address(board: Open) -> None:
    page = board("trend", size=DESK)
    total = page.locator("[data-panel=today] .big .number")
    all_shops = total.get_attribute("title")
    page.locator("details[data-filter=shop] summary").click()
    page.get_by_label(SHOPS[103][0]).check()
    expect(total).not_to_have_attribute("title", all_shops or "")
    one = total.get_attribute("title")
    assert page.url.endswith("?shop=103")
    assert "shop=103" in (page.locator("[data-panel=hours] a[download]").get_attribute("href") or "")
    page.reload()
    expect(total).to_have_attribute("title", one or "")
    page.get_by_role("button", name="清除筛选").click()
    expect(total).to_have_attribute("title", all_shops or "")
