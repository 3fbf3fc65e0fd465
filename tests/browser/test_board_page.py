"""What the page of a board does by itself: its states in words, its stamps, its keyboard, its map."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.support.board_fixtures import Open
from tests.support.company import MOMENT

AWAY = "net::ERR_FAILED"
Change = Callable[[dict[str, Any]], object]


def changed(change: Change, headers: dict[str, str] | None = None) -> Callable[[Route], None]:
    """An answer of the server with something else in it."""

    def answer(route: Route) -> None:
        response = route.fetch(headers={**route.request.headers, "if-none-match": ""})
        told = response.json()
        change(told)
        route.fulfill(
            response=response,
            body=json.dumps(told),
            headers={**response.headers, "content-encoding": "", **(headers or {})},
        )

    return answer


STATES = {
    "hours": {"state": "empty", "words": "", "columns": {}},
    "days": {"state": "forbidden", "words": "", "columns": {}},
    "platforms": {"state": "failed", "words": "查询超过 3 秒没有答复", "columns": {}},
    "today": {"state": "late", "words": "销售出库降级中，每 5 分钟一批"},
}
SAID = {"hours": "今天还没有出库", "days": "你的账号不能看这一块", "platforms": "⚠ 查询超过 3 秒没有答复"}


def test_every_state_has_words_and_late_figures_stay_under_a_red_stamp(board: Open) -> None:
    def plant(told: dict[str, Any]) -> None:
        for panel, state in STATES.items():
            told["panels"][panel].update(state, hash=panel)

    page = board("trend", route=changed(plant))
    for panel, words in SAID.items():
        expect(page.locator(f"[data-panel={panel}] .state")).to_have_text(words)
    assert page.locator("canvas").count() == 0
    late = page.locator("[data-panel=today]")
    expect(late).to_have_attribute("data-age", "red")
    expect(late.locator(".panel-word")).to_have_text("⚠ 销售出库降级中，每 5 分钟一批")
    assert late.locator(".number").count() > 0


def test_the_link_of_an_alert_finds_its_product_in_the_tables(board: Open) -> None:
    everything = board("stock_warning").locator("[data-panel=warnings] tbody tr")
    sku_id = everything.nth(1).locator("small").first.inner_text().split(" ")[0]
    page = board("stock_warning", find=sku_id)
    expect(page.locator("[data-panel=warnings] tbody tr")).to_have_count(1)
    expect(page.locator("[data-panel=warnings] input[type=search]")).to_have_value(sku_id)


def test_a_panel_that_waits_says_so(board: Open) -> None:
    page = board("trend", route=lambda route: None, drawn=False)
    expect(page.locator("[data-panel=hours] .state")).to_have_text("正在读取…")
    assert page.locator("body[data-drawn]").count() == 0


def test_a_stamp_grows_old_by_itself_and_a_silent_server_is_named(board: Open) -> None:
    page = board("trend", noise=AWAY)
    panel = page.locator("[data-panel=hours]")
    assert panel.get_attribute("data-age") == ""
    page.route("**/data?*", lambda route: route.abort())
    page.clock.fast_forward(60_000)
    expect(panel).to_have_attribute("data-age", "amber")
    expect(page.locator("#notice")).to_contain_text("连不上服务器")
    page.clock.fast_forward(250_000)
    expect(panel).to_have_attribute("data-age", "red")
    expect(panel.locator("footer")).to_contain_text("⚠ 数据截至")
    expect(panel.locator("footer")).to_contain_text("5 分前")
    page.unroute("**/data?*")
    page.clock.fast_forward(75_000)
    expect(page.locator("#notice")).to_be_hidden()


def test_a_refused_viewer_keeps_no_figure_on_the_page(board: Open) -> None:
    page = board("shops", noise="401")
    page.route("**/data?*", lambda route: route.fulfill(status=401, body="{}"))
    page.clock.fast_forward(37_000)
    expect(page.locator("#notice")).to_contain_text("重新登录")
    for panel in page.locator("[data-panel]").all():
        expect(panel.locator(".state")).to_have_text("你的账号不能看这一块")
    assert page.locator("canvas, td, .number").count() == 0


def test_an_unchanged_panel_is_not_drawn_again_and_a_hidden_page_asks_nothing(board: Open) -> None:
    asked: list[int] = []
    page = board("trend")
    page.on("response", lambda answer: asked.append(answer.status) if "/data?" in answer.url else None)
    page.evaluate("document.querySelector('[data-panel=platforms] canvas').dataset.kept = 'yes'")
    with page.expect_response("**/data?*"):
        page.clock.fast_forward(37_000)
    assert asked == [304]
    assert page.locator("[data-kept=yes]").count() == 1
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    page.clock.fast_forward(120_000)
    assert asked == [304]


def test_the_keyboard_reaches_the_rows_behind_a_chart(board: Open) -> None:
    page = board("shops")
    page.get_by_role("button", name="表格：店铺出库与退款").press("Enter")
    box = page.get_by_role("dialog")
    expect(box.get_by_role("row")).to_have_count(13)
    amount = box.get_by_role("columnheader", name="出库金额")
    amount.get_by_role("button").press("Enter")
    expect(amount).to_have_attribute("aria-sort", "descending")
    box.locator("tbody button").first.press("Enter")
    expect(box.get_by_role("heading")).to_contain_text("云杉天猫旗舰店")
    expect(box.locator("tbody tr").first).to_contain_text("YS0")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    chart = page.locator("[data-panel=ranking] .body")
    assert chart.get_attribute("role") == "img"
    assert "云杉天猫旗舰店" in (chart.get_attribute("aria-label") or "")


def test_dark_and_light_are_kept(board: Open) -> None:
    page = board("shops", dark=False)
    theme = page.locator("html")
    expect(theme).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="深色").click()
    expect(theme).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(theme).to_have_attribute("data-theme", "dark")


def test_an_open_page_loads_again_when_the_program_is_new(board: Open) -> None:
    asked: list[object] = []  # a fast answer loads the page again before one can wait for that
    page = board("shops", route=changed(asked.append, {"x-jst-version": "another"}), drawn=False)
    for _ in range(200):
        if len(asked) == 2:
            break
        page.wait_for_timeout(50)
    expect(page.locator("body[data-drawn='1']")).to_be_attached()
    page.wait_for_timeout(300)
    assert len(asked) == 2  # once, not for ever


def test_a_wall_loads_itself_again_at_four(board: Open) -> None:
    page = board("shops", wall=1)
    with page.expect_navigation():
        page.clock.fast_forward("12:18:30")  # from 15:42 to 04:00
    expect(page.locator("body[data-drawn='1']")).to_be_attached()


WRITTEN = [
    "浙江省",
    "内蒙古自治区",
    "广西壮族自治区",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
    "香港特别行政区",
    "北京市",
    "臺灣省",
    "Shaanxi",
    "黑龙江",
    "乌有省",
    "",
]
SHOWN = ["浙江", "内蒙古", "广西", "宁夏", "新疆", "香港", "北京", "台湾", "陕西", "黑龙江"]


def provinces(told: dict[str, Any]) -> None:
    count = len(WRITTEN)
    columns = {
        "wms_co_id": list(range(count)),
        "warehouse_name": [f"仓 {each}" for each in range(count)],
        "province": WRITTEN,
    }
    told["panels"]["map"].update(
        columns=columns | {"available_qty": ["100"] * count, "stock_qty": ["120"] * count}, hash="planted"
    )


def test_a_province_is_found_however_it_is_written_and_an_unknown_one_is_listed(board: Open) -> None:
    page = board("stock", route=changed(provinces))
    heat = page.evaluate("""echarts.getInstanceByDom(document.querySelector('[data-panel=map] .body')).getOption()
        .series.find(each => each.id === 'pulse').data.map(each => each.name)""")
    assert heat == SHOWN
    expect(page.locator("[data-panel=map] .note")).to_contain_text("地图上没有的地名：乌有省、仓 11")
    expect(page.locator("[data-panel=map] .note")).to_contain_text("底图：")


def painted(page: Page, west: float, south: float, east: float, north: float) -> int:
    """How many pixels of the map are painted between these degrees."""
    return int(page.evaluate("""([west, south, east, north]) => {
      const chart = echarts.getInstanceByDom(document.querySelector('[data-panel=map] .body'));
      const [x, y] = chart.convertToPixel({geoIndex: 0}, [west, north]);
      const [right, bottom] = chart.convertToPixel({geoIndex: 0}, [east, south]);
      const canvas = document.querySelector('[data-panel=map] canvas').getContext('2d');
      const bytes = canvas.getImageData(x, y, right - x, bottom - y).data;
      return bytes.filter((each, at) => at % 4 === 3 && each > 0).length;
    }""", [west, south, east, north]))  # fmt: skip


def test_the_south_sea_and_the_diaoyu_islands_are_on_the_map(board: Open) -> None:
    page = board("stock", still=1, noise="willReadFrequently")
    assert painted(page, 125.5, 17, 133, 24.5) > 300
    assert painted(page, 123.2, 25.4, 124.9, 26.2) > 3
    assert painted(page, 140, 25, 145, 30) == 0  # the open sea: what is counted is not the background
    assert str(MOMENT.year) in page.locator("#head .clock").inner_text()
