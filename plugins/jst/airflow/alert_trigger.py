"""What looks at alerts in the triggerer, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSuccessEvent, TriggerEvent

from jst.airflow.alert_look import alert_round
from jst.airflow.triggers import log_trouble, parts_of_trigger, shift_end
from jst.alerts.alert_round import AlertRound
from jst.errors import Retry
from jst.wiring import Parts

log = logging.getLogger(__name__)


class AlertsTrigger(BaseTrigger):
    """Looks every few seconds and ends with success after ``longest`` seconds; fails when rules could not be asked for
    minutes, unless a server is away: the feeds say that."""

    every, patience = 5.0, 300.0

    def __init__(self, longest: float) -> None:
        super().__init__()
        self.longest = longest

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "jst.airflow.alert_trigger.AlertsTrigger", {"longest": self.longest}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        with parts_of_trigger() as parts:
            yield await self._look(parts)

    def built(self, parts: Parts) -> AlertRound:
        """Build what looks; it asks for connections, so not on the event loop."""
        return alert_round(parts)

    async def _look(self, parts: Parts) -> TriggerEvent:
        loop, trouble = asyncio.get_running_loop(), 0
        well, end = loop.time(), shift_end(self, self.longest)
        look: AlertRound | None = None
        while loop.time() < end:
            try:
                if look is None:
                    look = await asyncio.to_thread(self.built, parts)
                failed = await asyncio.to_thread(look.run)
                away = bool(failed) and await asyncio.to_thread(_is_away, parts)
                trouble, well = 0, loop.time() if not failed or away else well
            except Exception as error:
                trouble += 1
                log_trouble(error, trouble, self.every)
                if isinstance(error, Retry):
                    well = loop.time()
            if loop.time() - well > self.patience:
                log.error("规则连续 %.0f 分钟没有问到。处理：按上面的“处理：”改好后清除本任务", self.patience / 60)
                return TaskFailedEvent()
            await asyncio.sleep(self.every)
        return TaskSuccessEvent()


def _is_away(parts: Parts) -> bool:
    """Say whether the feeds report that ClickHouse does not answer."""
    return parts.holds.troubles.standing(server="ClickHouse") is not None
