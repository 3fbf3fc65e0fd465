"""A shop owner's browser gets nothing of other shops: no page, no figures, no file, no step behind a row, no header."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from jst.boards.board_spec import load_boards
from tests.support.board_fixtures import Open
from tests.support.company import OWN_SHOPS, SHOPS
from tests.support.search_depth import DEPTH

OWNER = "he.xin"
FORBIDDEN = [name for shop, (name, *_) in SHOPS.items() if shop not in OWN_SHOPS[OWNER]]
OTHER = next(shop for shop in SHOPS if shop not in OWN_SHOPS[OWNER])
BOARDS = sorted(
    (board.id for board in load_boards().values() if not board.role and board.id != "pipeline"),
    key=["shops", "promo"].__contains__, reverse=True,
)  # fmt: skip
ALL_SHOWN = """() => [document.documentElement.outerHTML, ...[...document.querySelectorAll(".body")].map(each =>
  JSON.stringify(window.echarts?.getInstanceByDom(each)?.getOption() ?? ""))].join()"""
ASK = """addresses => Promise.all(addresses.map(each => fetch(each).then(answer => answer.status)))"""


def asked_for(page: Page, name: str) -> list[str]:
    """The files of the board, and what lies behind the first row of each panel; also with a shop that is not one's
    own in the address."""
    data: dict[str, Any] = page.request.get(page.url.replace(f"/{name}?", f"/{name}/data?")).json()
    found = [f"{name}/data?shop={OTHER}"]
    for panel in load_boards()[name].panels.values():
        cuts = [f"{name}/{panel.name}.csv?", f"{name}/{panel.name}.csv?shop={OTHER}"]
        step, columns = panel.step, data["panels"][panel.name]["columns"]
        if step.then and columns:
            keys = "&".join(f"{cut}={columns[cut][0]}" for cut in step.by)
            cuts += [f"{name}/{panel.name}/drill?{keys}"]
            cuts += [f"{name}/{panel.name}/drill?shop_id={OTHER}"] if step.by == ("shop_id",) else []
        found += cuts
    return found


@pytest.mark.search
@pytest.mark.parametrize("name", BOARDS[: DEPTH.of(1, 99)])
def test_a_shop_of_others_is_nowhere(board: Open, name: str) -> None:
    page = board(name, viewer=OWNER, noise="Failed to load resource")
    got: list[Response] = []

    def note(answer: Response) -> None:
        got.append(answer)

    page.on("response", note)
    page.reload()
    page.wait_for_selector("body[data-drawn='1']", state="attached")
    addresses = asked_for(page, name)
    statuses = dict(zip(addresses, page.evaluate(ASK, addresses), strict=True))
    page.clock.fast_forward(90_000)
    page.wait_for_function("() => document.querySelector('#notice').hidden")
    page.wait_for_load_state("networkidle")
    shown = page.evaluate(ALL_SHOWN)
    if buttons := page.locator("td .drill, th .drill").all():
        buttons[0].click()
        expect(page.locator("dialog[open]")).not_to_contain_text("正在读取")
        shown += page.evaluate(ALL_SHOWN)
    answers = {f"{each.status} {each.url}": each.all_headers() for each in got if "/files/" not in each.url}
    texts = [each.text() for each in got if "/files/" not in each.url and each.status != 304]
    assert [status for status in statuses.values() if status not in (200, 400)] == []
    assert {statuses[each] for each in statuses if f"shop={OTHER}" in each} <= {400}
    assert any(each.startswith("304 ") for each in answers), "nothing has changed: the page has the figures"
    assert len(texts) > len(addresses)
    for shop in FORBIDDEN:
        assert shop not in shown
        assert [text[:80] for text in texts if shop in text] == []
        assert [told for told in answers.values() if shop in str(told)] == []
    ids = {
        int(each)
        for text in texts
        for each in re.findall(r'"shop_id":\[([0-9,]*)\]', text)
        for each in each.split(",")
        if each
    }
    assert ids <= set(OWN_SHOPS[OWNER])
