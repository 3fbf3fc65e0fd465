"""What sends messages, in the triggerer: a message leaves within seconds and takes no worker."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSuccessEvent, TriggerEvent

from jst.airflow.connections import connection_if_any
from jst.airflow.hooks import parts_from_connections
from jst.airflow.triggers import log_trouble, shift_end
from jst.airflow.workbook_source import workbook
from jst.errors import Retry
from jst.messages.message_round import MessageRound
from jst.messages.robot import Addressee

log = logging.getLogger(__name__)
EVERY_SECONDS, PATIENCE_SECONDS = 1.0, 300.0


class MessagesTrigger(BaseTrigger):
    """Sends what is due every second and ends with success after ``longest`` seconds; fails when that has not worked
    for minutes, unless the control database is away: the feeds say that."""

    def __init__(self, longest: float) -> None:
        super().__init__()
        self.longest = longest

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "jst.airflow.message_trigger.MessagesTrigger", {"longest": self.longest}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        turn = MessageRound(parts_from_connections, connection_if_any, addressees)
        try:
            yield await self._send(turn)
        finally:
            # as parts_of_trigger says of closing
            with contextlib.suppress(Exception):
                await asyncio.to_thread(turn.close)

    async def _send(self, turn: MessageRound) -> TriggerEvent:
        loop, trouble = asyncio.get_running_loop(), 0
        worked, end = loop.time(), shift_end(self, self.longest)
        while loop.time() < end:
            try:
                due = await asyncio.to_thread(turn.due)
                sends = (asyncio.to_thread(turn.send, channel) for channel in due)
                # all of them are waited for: a channel's session bears one thread at a time
                for outcome in await asyncio.gather(*sends, return_exceptions=True):
                    if isinstance(outcome, BaseException):
                        raise outcome
                trouble, worked = 0, loop.time()
            except Exception as error:
                trouble += 1
                log_trouble(error, trouble, EVERY_SECONDS)
                away = isinstance(error, Retry) and error.server == "PostgreSQL"
                if not away and loop.time() - worked > PATIENCE_SECONDS:
                    return TaskFailedEvent()
            await asyncio.sleep(EVERY_SECONDS)
        return TaskSuccessEvent()


def addressees(accounts: Sequence[str]) -> list[Addressee]:
    """Look accounts up in sheet 人员 of the shops workbook, for one message; an account that is not in it keeps its
    name. Raises as ``workbook`` does."""
    shops = workbook()
    people = {person.account: person for person in shops.persons} if shops else {}
    found = []
    for account in accounts:
        person = people.get(account)
        if person is None:
            log.warning("工作表“人员”里没有账号 %s，只写名字不 @", account)
            found.append(Addressee(account))
        else:
            found.append(Addressee(person.name, person.mobile, person.dingtalk_id, person.feishu_id))
    return found
