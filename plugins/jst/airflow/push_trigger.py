"""What waits in the triggerer until an edition's business day is finished."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from jst.airflow.push_parts import push_of
from jst.airflow.triggers import parts_of_trigger
from jst.errors import JstError
from jst.wiring import Parts

log = logging.getLogger(__name__)
POLL_SECONDS = 15.0


class DayFinishedTrigger(BaseTrigger):
    """Fires when the day of ``edition``, due ``on`` an ISO date, is certified and complete, or the edition is of no use
    any more: the task looks again and says which."""

    def __init__(self, edition: str, on: str) -> None:
        super().__init__()
        self.edition, self.on = edition, on

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "jst.airflow.push_trigger.DayFinishedTrigger", {"edition": self.edition, "on": self.on}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        with parts_of_trigger() as parts:
            await self._wait(parts)
        yield TriggerEvent({"edition": self.edition})

    async def _wait(self, parts: Parts) -> None:
        trouble, said = 0, ""
        while True:
            try:
                missing = await asyncio.to_thread(self._look, parts)
                if not missing:
                    return
                if missing != said:
                    log.info("等待：%s", missing)
                trouble, said = 0, missing
            except Exception as error:
                trouble += 1
                if trouble == 1 or trouble % 10 == 0:
                    detail = error if isinstance(error, JstError) else f"{type(error).__name__}: {error}"
                    log.warning("第 %d 次没有看到：%s", trouble, detail)
            await asyncio.sleep(POLL_SECONDS)

    def _look(self, parts: Parts) -> str:
        """Return what is missing; '' when nothing is, or the edition is of no use any more."""
        push = push_of(parts, self.edition, date.fromisoformat(self.on))
        return "" if push.is_over else "；".join(map(str, push.missing()))
