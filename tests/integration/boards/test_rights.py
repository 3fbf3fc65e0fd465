"""Viewers see their own shops on every board, and what is kept for one is shown only to who may see the same."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from jst.access.fill import fill
from jst.access.spec import load_access
from jst.boards.board_spec import load_boards
from jst.boards.scopes import Unregistered
from tests.support.boards_world import BoardsWorld, Selling
from tests.support.guarded_clickhouse import Guarded


def shops_on(answer: Any) -> set[int]:
    return {shop for panel in answer.panels.values() for shop in panel.columns.get("shop_id", ())}


def own(guarded: Guarded, shop: int, account: str) -> None:
    """Give a shop to another person, as the workbook and lingyang_access do."""
    named = f"'{account}' AS owner, version + 1 AS version"
    guarded.etl.execute(
        f"INSERT INTO dim.dim_shop (*) SELECT * REPLACE ({named}) FROM dim.dim_shop FINAL WHERE shop_id = {shop}"
    )
    fill(guarded.etl, load_access(guarded.access).people)


@pytest.mark.parametrize(
    ("viewer", "shops"),
    [("zhang.wei", {101}), ("li.na", {102, 112}), ("cai.wu", set(range(101, 113))), ("wall:仓库", {103})],
)
def test_every_board_answers_and_shows_ones_own_shops(world: BoardsWorld, viewer: str, shops: set[int]) -> None:
    for board in load_boards():
        answer = world.board(board, viewer)
        assert {login for login, _ in world.asked} <= {
            "boards",
            "monitoring",
            *(["boards_finance"] * (viewer == "cai.wu")),
        }
        assert {name: panel.words["zh"] for name, panel in answer.panels.items() if panel.state == "failed"} == {}
        assert shops_on(answer) <= shops, board
    assert shops_on(world.board("shops", viewer)) == shops


def test_thirty_viewers_of_three_scopes_ask_three_times(world: BoardsWorld) -> None:
    viewers = ["zhang.wei", "li.na", "wang.fang"] * 10
    answers = world.boards("shops", viewers)
    for answer, shops in zip(answers, [{101}, {102, 112}, {103}] * 10, strict=True):
        assert shops_on(answer) == shops
    panels = load_boards()["shops"].panels.values()
    once = len(panels) + sum("shop_id" in panel.step.by for panel in panels)
    # each viewer is asked for their rights, each set of rights for its figures and the names of its shops; and once
    # whether anything was written
    assert len(world.asked) == 3 + 3 * once + 1


def test_a_shop_taken_away_is_gone_within_six_seconds_and_given_back_again(
    world: BoardsWorld, selling: Selling
) -> None:
    guarded = selling.server
    before = world.board("shops", "li.na")
    assert shops_on(before) == {102, 112}
    own(guarded, 102, "zhang.wei")
    try:
        world.clock.sleep(5.1)
        after = world.board("shops", "li.na")
        assert shops_on(after) == {112}
        assert after.etag("zh") != before.etag("zh")
        assert b"102" not in gzip.decompress(after.body("zh"))
        assert shops_on(world.board("shops", "zhang.wei")) == {101, 102}
    finally:
        own(guarded, 102, "li.na")
    world.clock.sleep(5.1)
    assert shops_on(world.board("shops", "li.na")) == {102, 112}
    assert shops_on(world.board("shops", "zhang.wei")) == {101}


def test_an_unknown_account_is_refused_and_nothing_is_kept_for_it(world: BoardsWorld) -> None:
    for _ in range(2):
        with pytest.raises(Unregistered, match="账号未登记"):
            world.board("shops", "nobody")
    assert world.asked == [("boards", "nobody")] * 2


def test_figures_are_asked_again_when_rows_are_written_or_taken_away_and_not_when_parts_merge(
    world: BoardsWorld, selling: Selling
) -> None:
    row = "SELECT * REPLACE (999 AS shop_id) FROM dws.dws_shop_hour FINAL LIMIT 1"

    def asked_after(*statements: str) -> int:
        for sql in statements:
            selling.server.etl.execute(sql)
        before = len(world.asked)
        world.clock.sleep(load_boards()["shops"].refresh)
        world.board("shops", "zhang.wei")
        return len(world.asked) - before

    nothing_but_rights_and_blocks = 2
    assert asked_after() > nothing_but_rights_and_blocks
    assert asked_after() == nothing_but_rights_and_blocks
    assert asked_after(f"INSERT INTO dws.dws_shop_hour {row}") > nothing_but_rights_and_blocks
    assert asked_after("OPTIMIZE TABLE dws.dws_shop_hour FINAL") == nothing_but_rights_and_blocks
    assert asked_after("DELETE FROM dws.dws_shop_hour WHERE shop_id = 999") > nothing_but_rights_and_blocks
    assert asked_after() == nothing_but_rights_and_blocks
