"""What a board says when questions fail, take too long, or have nothing new; how often ClickHouse is asked."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.instruments.moved_clock import MovedClock
from jst.boards.board_answer import BoardAnswer
from jst.boards.board_answers import MOST_ENTRIES, BoardAnswers
from jst.boards.board_spec import Board, load_board
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.boards.logins import Logins, NoAnswer
from jst.boards.panel_question import Chosen
from jst.boards.scopes import Rows
from jst.clock import SHANGHAI
from jst.control.load_progress import LoadedPast
from jst.errors import Retry
from jst.metrics.catalogue import load_catalogue
from jst.warehouse.cluster import Away

START = datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)
MODULES = ("inventory", "sale_out", "after_sale")
BOARD = """
title: {zh: 试, en: Try}
order: 1
refresh: 8
filters: [shop]
panels:
  shops:
    title: {zh: 店, en: Shops}
    chart: table
    by: [shop_id]
    values: [{metric: out_amount}]
    period: today
    empty: {zh: 今天还没有出库, en: Nothing yet}
  total:
    title: {zh: 合计, en: Total}
    chart: figures
    values: [{metric: refund_amount}]
    period: today
    empty: {zh: 今天没有退款, en: None}
"""


ONE_FIGURE = """panels:
  now:
    title: {{zh: 此刻, en: Now}}
    chart: figures
    values: [{{metric: {metric}}}]
    period: today
    empty: {{zh: 还没有, en: Nothing yet}}
"""


class OneShop:
    """A ClickHouse with one shop: ``fails`` says of which panel, ``written`` what the parts say."""

    def __init__(self, clock: MovedClock) -> None:
        self.clock, self.asked, self.amount = clock, Counter[str](), 10
        self.fails: set[str] = set()
        self.seconds, self.written = 0.0, 1
        self.late = timedelta(0)
        self.past = LoadedPast(START - timedelta(days=28), START - timedelta(days=9))
        self.waiting = dict[date, datetime]()

    def ask(self, reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        kinds = {"system.parts": "written", "AS roles": "scope", "dim_shop": "labels", "m0": "panel"}
        kind = next(name for word, name in kinds.items() if word in sql)
        if kind == "panel":
            kind = "shops" if "SELECT shop_id, v0" in sql else "total"
        self.asked[kind] += 1
        if kind in self.fails:
            raise NoAnswer({"zh": "没有答复", "en": "No answer"})
        if kind in ("shops", "total"):
            time.sleep(self.seconds)
        answers: dict[str, Rows] = {
            "written": [(self.written,)], "scope": [([101], ["viewer"], 7)], "labels": [(101, "云杉")],
            "shops": [(101, self.amount, 7)], "total": [(0, 7)],
        }  # fmt: skip
        return answers[kind]

    def marks(self) -> DataMarks:
        now = self.clock.now() - self.late
        known = {name: ModuleMark(name, now, now - timedelta(minutes=1), "", None) for name in MODULES}
        return DataMarks(known, self.waiting, {"sale_out": self.past, "after_sale": self.past})


class Screen:
    """A board that one viewer looks at again and again."""

    def __init__(self, board: Board, deadline: float = 3.0) -> None:
        self.clock = MovedClock(START)
        self.source, self.board = OneShop(self.clock), board
        self.answers = BoardAnswers(load_catalogue(), self.source.ask, self.source.marks, self.clock, deadline=deadline)

    def look(self, *chosen: Chosen) -> BoardAnswer:
        return asyncio.run(self.answers.board(self.board, "zhang.wei", *(chosen or (Chosen(),))))

    def states(self) -> dict[str, str]:
        return {name: panel.state for name, panel in self.look().panels.items()}


@pytest.fixture
def board(tmp_path: Path) -> Board:
    path = tmp_path / "try.yaml"
    path.write_text(BOARD, "utf-8")
    return load_board(path)


@pytest.fixture
def screen(board: Board) -> Iterator[Screen]:
    screen = Screen(board)
    yield screen
    screen.answers.close()


def test_the_answer_is_what_the_contract_says(screen: Screen) -> None:
    said = json.loads(gzip.decompress(screen.look().body("zh")))
    assert said == {
        "mark": "2026-03-08T09:30:00+08:00",
        "since": "2026-02-08",
        "history": "历史自 2026-02-08 起，正在装载：已有 02-27 09:30 之后的",
        "panels": {
            "shops": {
                "columns": {"shop_id": [101], "shop_name": ["云杉"], "out_amount": ["10.00"]},
                "state": "ok", "hash": said["panels"]["shops"]["hash"], "words": "",
                "as_of": "2026-03-08T09:30:00+08:00", "complete_until": "2026-03-08T09:29:00+08:00",
            },
            "total": {
                "columns": {"refund_amount": ["0.00"]},
                "state": "empty", "hash": said["panels"]["total"]["hash"], "words": "今天没有退款",
                "as_of": "2026-03-08T09:30:00+08:00", "complete_until": "2026-03-08T09:29:00+08:00",
            },
        },
    }  # fmt: skip
    assert json.loads(gzip.decompress(screen.look().body("en")))["panels"]["total"]["words"] == "None"


def test_the_etag_changes_with_content_and_not_with_the_clock(screen: Screen) -> None:
    first = screen.look()
    screen.clock.sleep(61)
    later = screen.look()
    assert (later.etag("zh"), later.panels["shops"].as_of) == (first.etag("zh"), screen.clock.now())
    screen.source.amount, screen.source.written = 11, 2
    screen.clock.sleep(61)
    changed = screen.look()
    assert changed.etag("zh") != first.etag("zh")
    assert changed.panels["total"].hash == first.panels["total"].hash
    assert first.etag("en") != first.etag("zh")


def test_a_panel_that_fails_keeps_its_last_figures_for_a_minute_and_says_why(screen: Screen) -> None:
    assert screen.states() == {"shops": "ok", "total": "empty"}
    screen.source.fails, screen.source.written = {"shops"}, 2
    screen.clock.sleep(30)
    late = screen.look().panels
    assert (late["shops"].state, late["shops"].words["zh"]) == ("late", "没有答复")
    assert late["shops"].columns["out_amount"] == ["10.00"]
    assert late["shops"].as_of == screen.clock.now() - timedelta(seconds=30)
    assert late["total"].state == "empty"
    screen.clock.sleep(31)
    gone = screen.look().panels["shops"]
    assert (gone.state, gone.columns) == ("failed", {})
    screen.source.fails = set()
    screen.clock.sleep(5)
    assert screen.states()["shops"] == "ok"


def test_a_slow_panel_does_not_keep_the_others_waiting(board: Board) -> None:
    screen = Screen(board, deadline=0.05)
    screen.source.seconds = 0.5
    began = time.monotonic()
    assert set(screen.states().values()) == {"failed"}
    assert time.monotonic() - began < 0.45
    screen.answers.close()


def test_nothing_yet_is_not_said_while_figures_are_on_their_way(screen: Screen) -> None:
    def said() -> str:
        screen.clock.sleep(61)
        return screen.look().panels["total"].words["zh"]

    assert said() == "今天没有退款"
    screen.source.past = LoadedPast(START - timedelta(days=28), START - timedelta(minutes=5))
    assert said() == "正在装载历史：已有 03-08 09:25 之后的"
    screen.source.past = LoadedPast(START - timedelta(days=28), START - timedelta(days=28))
    screen.source.waiting = {START.date(): START}
    assert said() == "汇总表正在重算，马上就有"
    screen.source.waiting = {START.date() - timedelta(days=1): START}
    assert said() == "今天没有退款"


def test_old_data_are_late_and_say_since_when(screen: Screen) -> None:
    screen.source.late = timedelta(minutes=6)
    panel = screen.look().panels["shops"]
    assert (panel.state, panel.words["zh"]) == ("late", "数据停在 03-08 09:24")


def test_while_nothing_is_written_a_board_is_asked_once(screen: Screen) -> None:
    first = screen.look()
    for _ in range(30):
        screen.clock.sleep(5)
        again = screen.look()
        assert again.panels["shops"].as_of == screen.clock.now()
        assert again.etag("zh") == first.etag("zh")
    assert screen.source.asked["shops"] == 1


def test_a_figure_that_changes_with_time_alone_is_asked_once_a_minute(tmp_path: Path) -> None:
    path = tmp_path / "moving.yaml"
    path.write_text(BOARD.replace("refund_amount", "after_sale_rate_cohort"), "utf-8")
    screen = Screen(load_board(path))
    first = screen.look()
    for _ in range(12):
        screen.look()
        screen.clock.sleep(5)
    assert screen.source.asked["total"] == 1
    screen.look()
    assert screen.source.asked["total"] == 2
    assert screen.source.asked["shops"] == 1, "it changes with rows alone, and none was written"
    screen.source.written, screen.source.amount = 2, 11
    screen.clock.sleep(5)
    assert screen.look().panels["shops"].columns["out_amount"] != first.panels["shops"].columns["out_amount"]
    assert list(screen.look().panels) == list(first.panels)
    screen.answers.close()


def test_history_that_is_loaded_without_a_row_is_said_though_nothing_was_written(screen: Screen) -> None:
    screen.look()
    screen.source.past = LoadedPast(screen.source.past.since, screen.source.past.since)
    screen.clock.sleep(5)
    assert screen.look().history.words["zh"] == "历史自 2026-02-08 起"
    assert screen.source.asked["shops"] == 1


def test_figures_that_were_proven_right_lately_stay_when_nothing_answers(screen: Screen) -> None:
    for _ in range(20):
        screen.look()
        screen.clock.sleep(5)
    screen.source.fails, screen.source.written = {"shops"}, 2
    late = screen.look().panels["shops"]
    assert (late.state, late.columns["out_amount"]) == ("late", ["10.00"])
    assert late.as_of == screen.clock.now() - timedelta(seconds=5)


@pytest.mark.parametrize(("metric", "shared"), [("feed_lag", True), ("stock_qty", True), ("out_amount", False)])
def test_what_belongs_to_no_shop_is_asked_once_for_all(tmp_path: Path, metric: str, shared: bool) -> None:
    path = tmp_path / "operation.yaml"
    path.write_text(BOARD.split("panels:")[0] + ONE_FIGURE.format(metric=metric), "utf-8")
    board, source, asked = load_board(path), OneShop(MovedClock(START)), Counter[str]()

    def ask(_: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        if "AS roles" in sql:
            return [([int(viewer)], ["viewer"], int(viewer))]
        asked["figure"] += "m0" in sql
        return [(START,)] if "maxOrNull" in sql else [(1, int(viewer))] if "m0" in sql else [(0,)]

    answers = BoardAnswers(load_catalogue(), ask, source.marks, source.clock)

    async def thirty() -> list[BoardAnswer]:
        return await asyncio.gather(*(answers.board(board, str(number), Chosen()) for number in range(30)))

    assert {answer.panels["now"].state for answer in asyncio.run(thirty())} == {"ok"}
    assert asked["figure"] == (1 if shared else 30)
    answers.close()


def test_a_row_that_is_written_is_shown_with_the_next_look(screen: Screen) -> None:
    screen.look()
    screen.source.amount, screen.source.written = 12, 2
    screen.clock.sleep(5)
    assert screen.look().panels["shops"].columns["out_amount"] == ["12.00"]


def test_yesterdays_figures_are_not_todays_though_nothing_was_written(screen: Screen) -> None:
    screen.clock.sleep(14.5 * 3600 - 10)
    screen.look()
    screen.clock.sleep(15)
    screen.look()
    assert screen.source.asked["shops"] == 2


def test_figures_are_made_while_their_page_is_on_its_way(screen: Screen) -> None:
    async def opened() -> BoardAnswer:
        screen.answers.expect(screen.board, "zhang.wei", Chosen())
        while screen.source.asked["total"] == 0 or screen.source.asked["shops"] == 0:
            await asyncio.sleep(0.01)
        return await screen.answers.board(screen.board, "zhang.wei", Chosen())

    answer = asyncio.run(asyncio.wait_for(opened(), 10))
    assert answer.panels["shops"].state == "ok"
    assert (screen.source.asked["shops"], screen.source.asked["total"]) == (1, 1)


def test_a_page_is_sent_though_its_figures_cannot_be_made(screen: Screen, caplog: pytest.LogCaptureFixture) -> None:
    screen.source.fails = {"scope"}

    async def opened() -> None:
        screen.answers.expect(screen.board, "nobody", Chosen())
        while screen.answers._expected or not screen.source.asked["scope"]:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(opened(), 10))
    assert "never retrieved" not in caplog.text


def test_at_most_two_hundred_answers_are_kept(screen: Screen) -> None:
    for number in range(MOST_ENTRIES + 20):
        screen.look(Chosen((("shop", (str(number),)),)))
    assert len(screen.answers._kept) == MOST_ENTRIES
    screen.clock.sleep(61)
    screen.look()
    assert len(screen.answers._kept) == 1


def test_four_questions_are_asked_at_once_and_no_more(board: Board) -> None:
    clock, lock, active, most = MovedClock(START), threading.Lock(), 0, 0

    def ask(reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        time.sleep(0.01)
        with lock:
            active -= 1
        number = int(viewer)
        if "AS roles" in sql:
            return [([number], ["viewer"], number)]
        return [(0,)] if "system.parts" in sql else [(number, number, number)] if "shop_id, v0" in sql else []

    answers = BoardAnswers(load_catalogue(), ask, OneShop(clock).marks, clock)

    async def thirty() -> list[BoardAnswer]:
        return await asyncio.gather(*(answers.board(board, str(number), Chosen()) for number in range(30)))

    shown = [answer.panels["shops"].columns["shop_id"] for answer in asyncio.run(thirty())]
    assert shown == [[number] for number in range(30)]
    assert most == 4
    answers.close()


class Dead:
    """A ClickHouse that does not answer."""

    tried = 0

    def execute(self, *_: Any, **__: Any) -> Any:
        self.tried += 1
        raise Away("连不上", do="看", server="ClickHouse")

    def disconnect(self) -> None: ...


def test_a_server_that_is_away_is_asked_once_a_second_and_all_are_told_since_when() -> None:
    clock, dead = MovedClock(START), Dead()
    logins = Logins(lambda _: dead, clock)
    for _ in range(30):
        with pytest.raises(Retry, match="ClickHouse 自 03-08 09:30 起没有答复"):
            logins("boards", "zhang.wei", "SELECT 1", {})
    assert dead.tried == 1
    clock.sleep(90)
    with pytest.raises(Retry, match="09:30 起"):
        logins("boards", "zhang.wei", "SELECT 1", {})
    assert dead.tried == 2
