"""What the boards say of hours and days to come: the curve with its band, how it was made, and when there is none."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from clickhouse_driver import Client
from playwright.sync_api import Page, expect

from tests.support.board_fixtures import Open
from tests.support.board_site import BoardSite
from tests.support.company import MOMENT
from tests.support.company_ahead import NOTE, store_forecast

SERIES = """panel => Object.fromEntries(echarts.getInstanceByDom(document.querySelector(`[data-panel=${panel}] .body`))
    .getOption().series.map(each => [each.id, {name: each.name, data: each.data, stack: each.stack,
        dash: each.lineStyle?.type, area: each.areaStyle?.opacity ?? 0, silent: each.silent}]))"""


@pytest.fixture
def changed(site: BoardSite, client: Client) -> Iterator[Any]:
    """Store another forecast; all is as before when the test has ended."""

    def change(**changes: Any) -> None:
        store_forecast(client, **changes)
        site.clock.passed += 60  # what was read moves on, else the last answer stands

    yield change
    store_forecast(client)
    site.clock.passed += 60


def curves(page: Page) -> dict[str, dict[str, Any]]:
    """What the panel of hours draws, by id."""
    found: dict[str, dict[str, Any]] = page.evaluate(SERIES, "hours")
    return found


def test_the_whole_day_is_drawn_with_its_band(board: Open, client: Client) -> None:
    page = board("trend", still=1)
    drawn = curves(page)
    ahead, low, high = (drawn[f"forecast_out_amount{part}"] for part in ("", "·low", "·high"))
    stored = client.execute(
        "SELECT sum(out_amount) FROM dws.dws_shop_hour_forecast FINAL WHERE biz_day = %(day)s GROUP BY biz_hour"
        " ORDER BY biz_hour",
        {"day": MOMENT.date()},
    )
    assert [Decimal(str(value)).quantize(Decimal("0.01")) for value in ahead["data"]] == [row[0] for row in stored]
    assert low["stack"] == high["stack"] != ahead["stack"]
    for expected, under, wide in zip(ahead["data"], low["data"], high["data"], strict=True):
        assert 0 <= under < expected < under + wide
    assert (ahead["name"], low["name"], high["name"]) == ("预测",) * 3  # the legend takes the band away with its curve
    assert 0 < high["area"] < 0.3
    assert (low["area"], low["silent"], high["silent"]) == (0, True, True)
    assert ahead["dash"] != drawn["out_amount"]["dash"]
    assert drawn["out_amount"]["data"][16:] == [None] * 8
    heard = page.locator("[data-panel=hours] .body").get_attribute("aria-label") or ""
    assert "；预测 15 " in heard


def test_method_note_and_accuracy_stand_beside_the_curve(board: Open) -> None:
    page = board("trend", still=1)
    rows = page.locator("[data-panel=methods] tbody tr")
    assert [row.locator("th").inner_text() for row in rows.all()] == ["Prophet", "季节基线"]
    expect(page.locator("[data-panel=methods] .note")).to_have_text(NOTE)
    figures = page.locator("[data-panel=forecast]")
    accuracy = figures.locator("[data-figure=forecast_accuracy_yesterday]")
    assert 50 < float((accuracy.inner_text()).rstrip("%")) < 100
    expect(figures.locator("[data-column=forecast_out_amount] .past")).to_contain_text("八成在")
    expect(figures.locator("[data-column=forecast_incomplete]")).to_have_count(0)


def test_a_forecast_from_incomplete_data_is_marked(board: Open, changed: Any) -> None:
    note = "15:05 作，销售出库只到 11:00，之前的预测用不到最近四小时"
    changed(is_incomplete=1, note=note)
    page = board("trend", still=1)
    mark = page.locator("[data-panel=forecast] [data-column=forecast_incomplete]")
    expect(mark).to_have_class("figure amber")
    expect(mark.locator(".alarm-word")).to_have_text("作预测时数据不全")
    expect(page.locator("[data-panel=methods] .note")).to_have_text(note)


def test_without_a_forecast_the_board_says_so_and_draws_what_happened(
    board: Open, changed: Any, client: Client
) -> None:
    changed(is_deleted=1, version=2)
    page = board("trend", still=1)
    expect(page.locator("[data-panel=methods] .state")).to_contain_text("还没有今天的预测")
    expect(page.locator("[data-panel=forecast] [data-column=forecast_out_amount]")).to_contain_text("—")
    assert {each.split("·")[0] for each in curves(page)} == {
        "out_amount", "out_amount_yesterday", "out_amount_same_day_last_week",
    }  # fmt: skip


def test_a_filter_the_forecast_does_not_know_takes_it_away_and_filters_the_rest(board: Open) -> None:
    everything = curves(board("trend", still=1))
    page = board("trend", still=1, category="外套")
    drawn = curves(page)
    assert "forecast_out_amount" not in drawn
    assert drawn["out_amount"]["data"][10] < everything["out_amount"]["data"][10]
    expect(page.locator("[data-panel=hours] footer")).to_contain_text("这样筛选时没有：预测")
    expect(page.locator("[data-panel=forecast] footer")).to_contain_text("不随筛选：分类")
