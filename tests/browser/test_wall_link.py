"""A wall display: its link draws the boards, its cookie opens nothing else, and revoked it is dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from local.instance import Instance
from tests.support.board_site import BoardSite
from tests.support.browse import Browse
from tests.support.company import OWN_SHOPS, SHOPS
from tests.support.evening import Memory
from tests.support.search_depth import DEPTH
from tests.support.wait_until import until

pytestmark = [pytest.mark.search, pytest.mark.postgres]
WALLS = ["仓库大屏"]
CLOSED = ["/api/v2/dags", "/api/v2/connections", "/ui/dags", "/jst/ledger", "/jst/ledger/now", "/jst/boards/walls"]
POLL = "document.dispatchEvent(new Event('visibilitychange'))"
"""As when the display is looked at again: it asks at once."""


@pytest.mark.parametrize("name", WALLS[: DEPTH.of(0, 1)])
def test_a_link_opens_the_boards_alone_and_until_it_is_revoked(
    browse: Browse, stack: Instance, site: BoardSite, airflow: str, memory: Memory, name: str
) -> None:
    forbidden = [shop for number, (shop, *_) in SHOPS.items() if number not in OWN_SHOPS[f"wall:{name}"]]
    admin, wall = browse(), browse(login=False, width=1920)
    admin.goto("/jst/boards/walls")
    admin.get_by_label("大屏").select_option(name)
    admin.get_by_role("button", name="生成链接").click()
    link = admin.locator("#made").inner_text()
    key = link.partition("#")[2]
    assert len(key) >= 43
    wall.goto(link)
    expect(wall.locator("body[data-drawn='1']")).to_be_attached()
    assert wall.url == f"{airflow}/jst/boards/stock?wall=1"
    wall.goto("/jst/boards/shops?wall=1")
    expect(wall.locator("[data-panel=week]")).to_contain_text(SHOPS[103][0])
    assert [shop for shop in forbidden if shop in wall.content()] == []
    (cookie,) = wall.context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"]) == ("jst_wall", "/jst/boards", True)
    for sent, refused in ((f"jst_wall={key}", 401), (f"_token={key}", 403)):
        headers = {"Cookie": sent, "Accept": "application/json"}
        statuses = {path: wall.request.get(path, headers=headers, max_redirects=0).status for path in CLOSED}
        assert statuses == dict.fromkeys(CLOSED, refused)
    assert wall.request.get("/jst/boards/margin").status == 403
    logs = [path.read_text("utf-8", "replace") for path in stack.layout.logs.rglob("*") if path.is_file()]
    assert any("/jst/boards/wall" in text for text in logs), "the log says that a link was opened"
    assert not any(key in text for text in logs)
    admin.goto("/jst/boards/walls")
    admin.get_by_role("button", name="撤销").first.click()
    expect(admin.locator("tbody")).to_contain_text("已撤销")

    def dark() -> bool:
        wall.evaluate(POLL)
        wall.wait_for_timeout(300)
        return wall.locator("#notice").is_visible()

    until(dark)
    assert SHOPS[103][0] not in wall.locator("#board-panels").inner_text()
    assert wall.goto(link) is not None
    expect(wall.get_by_role("heading")).to_have_text("大屏链接无效或已撤销")
    expect(wall.get_by_role("heading")).to_have_css("border-left-style", "solid")
