"""The boards on a guarded ClickHouse: its logins, marks of a moment, a clock that a test moves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clickhouse_driver import Client

from bench.instruments.moved_clock import MovedClock
from jst.boards.board_answer import BoardAnswer
from jst.boards.board_answers import BoardAnswers
from jst.boards.board_spec import load_boards
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.boards.logins import Logins
from jst.boards.panel_question import Chosen
from jst.boards.scopes import Rows
from jst.metrics.catalogue import load_catalogue
from tests.support.guarded_clickhouse import Guarded
from tests.support.sandbox_past import Past

ALL = Chosen()


@dataclass(frozen=True, slots=True)
class Selling:
    """A server, and the source's rows it holds."""

    server: Guarded
    past: Past


class BoardsWorld:
    """The service on the server's logins; ``asked``: (login, viewer) of every question."""

    def __init__(self, guarded: Guarded, as_of: datetime) -> None:
        self.guarded, self.clock = guarded, MovedClock(as_of)
        self.asked: list[tuple[str, str]] = []
        self._clients: list[Client] = []
        self.logins = Logins(self._login, self.clock, seconds=10)
        self.answers = BoardAnswers(load_catalogue(), self._ask, self.marks, self.clock, deadline=60.0)

    def _login(self, user: str) -> Client:
        client = self.guarded.login(user)
        self._clients.append(client)
        return client

    def _ask(self, reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        self.asked.append((reader, viewer))
        return self.logins(reader, viewer, sql, parameters)

    def marks(self) -> DataMarks:
        now = self.clock.now()
        modules = ("inventory", "sale_out", "after_sale")
        return DataMarks({name: ModuleMark(name, now, now - timedelta(minutes=1), "", None) for name in modules})

    def board(self, board: str, viewer: str, chosen: Chosen = ALL) -> BoardAnswer:
        """The board as the viewer sees it at this moment."""
        return asyncio.run(self.answers.board(load_boards()[board], viewer, chosen))

    def boards(self, board: str, viewers: list[str]) -> list[BoardAnswer]:
        """The board as many viewers see it who ask at the same moment."""

        async def all_at_once() -> list[BoardAnswer]:
            return await asyncio.gather(*(self.answers.board(load_boards()[board], each, ALL) for each in viewers))

        return asyncio.run(all_at_once())

    def close(self) -> None:
        self.answers.close()
        for client in self._clients:
            client.disconnect()
