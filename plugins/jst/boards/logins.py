"""The logins of the boards at ClickHouse: each thread has connections of its own, and a server that is away is left in
peace for a second."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import local
from typing import Any

from clickhouse_driver.errors import Error as ClickHouseError
from clickhouse_driver.errors import ServerException

from jst.boards.board_spec import Words
from jst.boards.scopes import Rows
from jst.clock import SHANGHAI, Clock
from jst.errors import JstError, Retry
from jst.warehouse.cluster import Away, Warehouse, errors_of_ours

log = logging.getLogger(__name__)
QUESTION_SECONDS = 3
IMPATIENT = {"connect_timeout": 2, "send_receive_timeout": QUESTION_SECONDS + 1, "sync_request_timeout": 1}
"""For a server that stands alone; people wait before a page."""
_LEFT_SECONDS = 1.0
"""So long a server that did not answer is not asked: thirty viewers would wait for each other's time-outs."""
_TOO_SLOW = 159
_NAMES_VIEWERS = ("boards", "boards_finance")


class NoAnswer(Retry):
    """A question has no answer; ``words``: why, for the people before the page."""

    def __init__(self, words: Words) -> None:
        super().__init__(words["zh"], do="稍后自动重试；一直如此时请看账本页", server="ClickHouse")
        self.words = words


@dataclass(frozen=True, slots=True)
class Silence:
    """A server that does not answer, ``since`` when, last tried at ``tried`` (monotonic seconds)."""

    since: datetime
    tried: float


class Logins:
    """Asks as one of the logins. ``build``: makes the warehouse of a login; threads may share it."""

    def __init__(self, build: Callable[[str], Warehouse], clock: Clock, *, seconds: int = QUESTION_SECONDS) -> None:
        """``seconds``: how long a question may take."""
        self._build, self._clock, self._seconds = build, clock, seconds
        self._own = local()
        self._silence: Silence | None = None

    def __call__(self, reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Rows:
        """Return the rows. Raises NoAnswer when there are none within three seconds."""
        silence = self._silence
        if silence and self._clock.monotonic() - silence.tried < _LEFT_SECONDS:
            raise _silent(silence)
        settings: dict[str, Any] = {"max_execution_time": self._seconds}
        if reader in _NAMES_VIEWERS:
            settings["log_comment"] = viewer
        try:
            with errors_of_ours():
                rows: Rows = self._warehouse(reader).execute(sql, parameters, settings=settings)
        except Away as away:
            self._forget(reader)
            self._silence = Silence(silence.since if silence else self._clock.now(), self._clock.monotonic())
            log.warning("看板查询没有答复：%s", away)
            raise _silent(self._silence) from away
        except ClickHouseError as error:
            self._silence = None
            slow = isinstance(error, ServerException) and error.code == _TOO_SLOW
            log.warning("看板查询失败：%s", str(error).split("Stack trace")[0][:800])
            raise NoAnswer(TOO_SLOW if slow else _REFUSED) from error
        self._silence = None
        return rows

    def _warehouse(self, reader: str) -> Warehouse:
        if reader not in self._own.__dict__:
            self._own.__dict__[reader] = self._build(reader)
        return self._own.__dict__[reader]

    def _forget(self, reader: str) -> None:
        """Let the next question build the login anew: its connection may have been corrected."""
        warehouse = self._own.__dict__.pop(reader, None)
        if warehouse is not None:
            warehouse.disconnect()


TOO_SLOW: Words = {
    "zh": f"查询超过 {QUESTION_SECONDS} 秒没有答复",
    "en": f"No answer within {QUESTION_SECONDS} seconds",
}
_REFUSED: Words = {
    "zh": "ClickHouse 没有接受这个查询，原因在 api-server 的日志里",
    "en": "ClickHouse refused the question; the reason is in the log of the api-server",
}


def why_not(error: BaseException) -> Words:
    """Say to the people before the page why there is no answer; the log has the rest."""
    if isinstance(error, NoAnswer):
        return error.words
    if isinstance(error, Retry) and error.server:
        return {"zh": f"{error.server} 没有答复", "en": f"{error.server} does not answer"}
    said = error.what if isinstance(error, JstError) else f"意外的错误 {type(error).__name__}"
    return {"zh": said, "en": f"No answer ({type(error).__name__})"}


def _silent(silence: Silence) -> NoAnswer:
    since = silence.since.astimezone(SHANGHAI)
    return NoAnswer(
        {
            "zh": f"ClickHouse 自 {since:%m-%d %H:%M} 起没有答复",
            "en": f"ClickHouse has been silent since {since:%m-%d %H:%M}",
        }
    )
