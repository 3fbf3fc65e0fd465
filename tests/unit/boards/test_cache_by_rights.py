"""What is kept is kept by rights: random grants, revocations and finance roles, while answers are under way."""

from __future__ import annotations

import asyncio
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from bench.instruments.moved_clock import MovedClock
from jst.boards.board_answer import BoardAnswer
from jst.boards.board_answers import BoardAnswers
from jst.boards.board_spec import Board, load_board
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.boards.panel_question import Chosen
from jst.boards.scopes import Rows, Unregistered
from jst.errors import Retry
from jst.metrics.catalogue import load_catalogue

VIEWERS, SHOPS = ["甲", "乙", "丙", "丁"], list(range(101, 109))
BOARD = """
title: {zh: 试, en: Try}
order: 1
refresh: 8
panels:
  shops:
    title: {zh: 店, en: Shops}
    chart: table
    by: [shop_id]
    values: [{metric: out_amount}]
    period: today
    empty: {zh: 无, en: None}
  value:
    title: {zh: 库存金额, en: Value}
    chart: figures
    values: [{metric: stock_value}]
    period: now
    empty: {zh: 无, en: None}
"""
Rights = tuple[frozenset[int], bool]
NOTHING: Rights = (frozenset(), False)


class Rightful:
    """A ClickHouse whose answers are what the viewer may see when it answers; rights change at random meanwhile."""

    def __init__(self, seed: int, clock: MovedClock) -> None:
        self.random, self.clock, self.lock = random.Random(seed), clock, threading.Lock()
        self.rights: dict[str, Rights] = {}
        self.history: dict[str, list[tuple[float, Rights]]] = {viewer: [(0.0, NOTHING)] for viewer in VIEWERS}
        for viewer in VIEWERS:
            self.change(viewer)

    def change(self, viewer: str) -> None:
        shops = frozenset(self.random.sample(SHOPS, self.random.randint(0, 3)))
        self.rights[viewer] = (shops, bool(shops) and self.random.random() < 0.3)
        self.history[viewer].append((self.clock.passed, self.rights[viewer]))

    def had(self, viewer: str, within: float) -> list[Rights]:
        """The rights the viewer had at some moment of the last seconds."""
        since = self.clock.passed - within
        changes = self.history[viewer]
        return [
            rights for at, (_, rights) in enumerate(changes) if at + 1 == len(changes) or changes[at + 1][0] >= since
        ]

    def ask(self, reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        with self.lock:
            if self.random.random() < 0.2:
                self.change(self.random.choice(VIEWERS))
            if self.random.random() < 0.05:
                raise Retry("没有答复", do="再试", server="ClickHouse")
            shops, finance = self.rights[viewer]
            roles = (["viewer"] if shops else []) + (["finance"] if finance else [])
            seen = hash((shops, finance))
            if "system.parts" in sql:
                return [(0,)]  # nothing is ever written: what is kept is kept as long as it may be
            if "AS roles" in sql:
                return [(sorted(shops), roles, seen)]
            if "dim_shop" in sql:
                return [(shop, f"店 {shop}") for shop in parameters["keys"]]
            if reader == "boards_finance":
                return [(1_000_000, seen)] if finance else []
            return [(shop, shop, seen) for shop in sorted(shops)]


@pytest.fixture
def board(tmp_path: Path) -> Board:
    path = tmp_path / "try.yaml"
    path.write_text(BOARD, "utf-8")
    return load_board(path)


def shown(answer: BoardAnswer) -> Rights:
    value = answer.panels["value"].columns.get("stock_value", [None])
    return frozenset(answer.panels["shops"].columns.get("shop_id", ())), value != [None]


@pytest.mark.parametrize("seed", range(25))
def test_an_answer_is_never_made_of_rights_its_viewer_has_not(board: Board, seed: int) -> None:
    clock = MovedClock()
    clickhouse = Rightful(seed, clock)

    def marks() -> DataMarks:
        names = ("inventory", "sale_out")
        return DataMarks({name: ModuleMark(name, clock.now(), None, "", None) for name in names})

    answers = BoardAnswers(load_catalogue(), clickhouse.ask, marks, clock)

    async def look(viewer: str) -> None:
        try:
            answer = await answers.board(board, viewer, Chosen())
        except (Unregistered, Retry):
            return
        shops, value = shown(answer)
        had = clickhouse.had(viewer, 6.0)
        assert not shops or shops in [each for each, _ in had], f"{viewer} sees {shops}, had {had}"
        assert not value or any(finance for _, finance in had), f"{viewer} sees the value of stock, had {had}"

    async def a_minute() -> None:
        for _ in range(30):
            await asyncio.gather(*(look(clickhouse.random.choice(VIEWERS)) for _ in range(6)))
            clock.sleep(clickhouse.random.uniform(0, 4))

    asyncio.run(a_minute())
    answers.close()
