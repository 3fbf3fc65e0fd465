"""What waits in the triggerer. A trigger that raises fails its task, so these catch errors that pass and go on.

Nothing is taken from ``Parts`` on the event loop's own thread: a part is built under a lock that all triggers share,
and the thread that builds one asks the event loop for a connection. A loop that waits for the lock stands for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSkippedEvent, TaskSuccessEvent, TriggerEvent
from asgiref.sync import sync_to_async

from jst.airflow.hooks import parts_from_connections
from jst.clock import SystemClock
from jst.control.postgres_migrations import check_schema
from jst.control.troubles import TaskTrouble
from jst.errors import JstError, Retry
from jst.flow.live.watch import Watch
from jst.flow.mart_refresh import MARTS, has_waiting_days
from jst.warehouse.cluster import Away
from jst.wiring import Parts

log = logging.getLogger(__name__)
FIRST_POLL_SECONDS = 1.0
ASK_SECONDS = 5.0
MART_POLL_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 30.0
BEFORE_TIMEOUT_SECONDS = 120.0
QUIET_AFTER_SECONDS, QUIET_POLL_SECONDS = 60.0, 3.0
"""After a minute of silence looks are further apart: nights are long, and every look costs requests and processor."""


@contextlib.contextmanager
def parts_of_trigger() -> Iterator[Parts]:
    """Give a trigger its parts, and close them whatever comes. A trigger that is cancelled, as when another triggerer
    takes it over, leaves a thread behind that still uses them: an error of closing would fail the task there."""
    parts = parts_from_connections()
    try:
        yield parts
    finally:
        with contextlib.suppress(Exception):
            parts.close()


def shift_end(trigger: BaseTrigger, longest: float) -> float:
    """Return when a shift of ``longest`` seconds ends, in the event loop's time.

    A triggerer that was restarted begins the shift anew while the time-out of the task goes on: without an end before
    that, three restarts in an hour would make a task red at which nothing is wrong.
    """
    due = getattr(trigger, "timeout_after", None)
    left = longest if due is None else (due - SystemClock().now()).total_seconds() - BEFORE_TIMEOUT_SECONDS
    return asyncio.get_running_loop().time() + min(longest, left)


class SourceChangedTrigger(BaseTrigger):
    """Ends with success when the module has something new (or unfinished), is skipped after ``longest`` quiet seconds,
    fails when only a person can help or the source has not answered for 90 s."""

    def __init__(self, module: str, dag_id: str, run_id: str, longest: float) -> None:
        super().__init__()
        self.module, self.dag_id, self.run_id, self.longest = module, dag_id, run_id, longest

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "jst.airflow.triggers.SourceChangedTrigger", {
            "module": self.module,
            "dag_id": self.dag_id,
            "run_id": self.run_id,
            "longest": self.longest,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        with parts_of_trigger() as parts:
            event = await self._wait(parts)
            if not isinstance(event, TaskSuccessEvent):
                with contextlib.suppress(Retry):  # the next run then waits a minute for its turn
                    await asyncio.to_thread(lambda: parts.holds.turns.leave(self.module, self.run_id))
            yield event

    async def _wait(self, parts: Parts) -> TriggerEvent:
        loop = asyncio.get_running_loop()
        began, trouble, said = loop.time(), 0, False
        end = shift_end(self, self.longest)
        watch: Watch | None = None
        ask_again = loop.time() + ASK_SECONDS
        while loop.time() < end:
            pause = FIRST_POLL_SECONDS
            try:
                if watch is None:
                    watch = await asyncio.to_thread(parts.watch, self.module, self.dag_id, self.run_id)
                    log.info("等待源端变更，或等另一次运行到时间后接班；停在 deferred，不占 worker")
                quiet = loop.time() - began > QUIET_AFTER_SECONDS
                pause = max(watch.pace, QUIET_POLL_SECONDS) if quiet else watch.pace
                role = await asyncio.to_thread(watch.role)
                pause = min(pause, QUIET_POLL_SECONDS) if role == "wait" else pause  # ready before the shift ends
                held = await asyncio.to_thread(watch.held_back) if role == "lead" else None
                if held is not None:
                    if not said:
                        log.warning(held[0])
                    said, pause = True, min(held[1] + 0.1, 5.0)
                elif reason := await asyncio.to_thread(watch.reason_to_start, role):
                    log.info("%s：开始一班拉取与装载", reason)
                    return TaskSuccessEvent()
                # Who clears a red task wants it tried now: the run that waits gives way, the source stays watched. Not
                # in the first seconds: who gave way before it had looked once would be followed by one that did, too.
                if role == "wait" and loop.time() >= ask_again:
                    ask_again = loop.time() + ASK_SECONDS
                    if await self._run_is_queued():
                        log.info("有被清除的运行在排队，本次运行让路")
                        return TaskSkippedEvent()
                trouble = 0
            except Exception as error:
                if isinstance(error, JstError) and await asyncio.to_thread(self._gives_up, parts, watch, error):
                    return TaskFailedEvent()
                trouble += 1
                pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** min(trouble, 5))
                log_trouble(error, trouble, pause)
            await asyncio.sleep(pause)
        log.info("%s 已安静 %.0f 分钟，本次运行到此为止", self.module, (loop.time() - began) / 60)
        return TaskSkippedEvent()

    async def _run_is_queued(self) -> bool:
        """Say whether a cleared run is queued behind this one: two run at a time, and a quiet watch waits long."""
        try:
            ask = sync_to_async(RuntimeTaskInstance.get_dr_count)
            return await ask(dag_id=self.dag_id, states=["queued"]) > 0
        except Exception as error:
            log.debug("Airflow was not to be asked: %s", error)
            return False

    def _gives_up(self, parts: Parts, watch: Watch | None, error: JstError) -> bool:
        """Say whether the run ends, and log why; a control database that is away is waited for."""
        trouble = watch.trouble if watch else TaskTrouble(parts.holds.troubles, self.module, "pull", self.run_id)
        with contextlib.suppress(Retry):
            if parts.holds.gives_up(trouble, error):
                for line in error.lines():
                    log.error("%s", line)
                return True
        return False


class MartDaysTrigger(BaseTrigger):
    """Ends with success when the marts of some day are to be refreshed, is skipped after ``longest`` quiet seconds."""

    def __init__(self, run_id: str, longest: float) -> None:
        super().__init__()
        self.run_id, self.longest = run_id, longest

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "jst.airflow.triggers.MartDaysTrigger", {"run_id": self.run_id, "longest": self.longest}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        loop, trouble = asyncio.get_running_loop(), 0
        end, pause = shift_end(self, self.longest), MART_POLL_SECONDS
        with parts_of_trigger() as parts:
            while loop.time() < end:
                try:
                    if await asyncio.to_thread(self._has_work, parts):
                        yield TaskSuccessEvent()
                        return
                    trouble, pause = 0, MART_POLL_SECONDS
                except Exception as error:
                    trouble += 1
                    pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** min(trouble, 5))
                    log_trouble(error, trouble, pause)
                await asyncio.sleep(pause)
        yield TaskSkippedEvent()

    def _has_work(self, parts: Parts) -> bool:
        check_schema(parts.database)
        return parts.holds.hold(MARTS, self.run_id) is None and has_waiting_days(parts.plans.marts)


class FiguresTrigger(BaseTrigger):
    """Copies the pipeline's figures every few seconds and ends with success after ``longest`` seconds; fails when none
    has been copied for minutes, unless a server is away: the feeds say that."""

    every, patience = 10.0, 300.0

    def __init__(self, longest: float) -> None:
        super().__init__()
        self.longest = longest

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "jst.airflow.triggers.FiguresTrigger", {"longest": self.longest}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        with parts_of_trigger() as parts:
            yield await self._copy(parts)

    async def _copy(self, parts: Parts) -> TriggerEvent:
        loop, trouble = asyncio.get_running_loop(), 0
        copied = loop.time()
        end = shift_end(self, self.longest)
        while loop.time() < end:
            try:
                await asyncio.to_thread(lambda: parts.figures.copy())
                trouble, copied = 0, loop.time()
            except Exception as error:
                trouble += 1
                log_trouble(error, trouble, self.every)
                away = isinstance(error, Away) or (isinstance(error, Retry) and error.server == "PostgreSQL")
                if not away and loop.time() - copied > self.patience:
                    return TaskFailedEvent()
            await asyncio.sleep(self.every)
        return TaskSuccessEvent()


class CompleteWatermarkTrigger(BaseTrigger):
    """Fires when everything of ``module`` up to ``until`` (ISO time with zone) is proven."""

    def __init__(self, module: str, until: str, poll_seconds: float) -> None:
        super().__init__()
        self.module, self.until, self.poll_seconds = module, until, poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "jst.airflow.triggers.CompleteWatermarkTrigger", {
            "module": self.module,
            "until": self.until,
            "poll_seconds": self.poll_seconds,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        until, trouble = datetime.fromisoformat(self.until), 0
        with parts_of_trigger() as parts:
            while True:
                try:
                    complete = await asyncio.to_thread(lambda: parts.plans.watermarks.value(self.module, "complete"))
                    if complete is not None and complete >= until:
                        yield TriggerEvent({"complete": complete.isoformat()})
                        return
                    trouble = 0
                except Exception as error:
                    trouble += 1
                    log_trouble(error, trouble, self.poll_seconds)
                await asyncio.sleep(self.poll_seconds)


def log_trouble(error: Exception, times: int, pause: float) -> None:
    """Log trouble once and then every tenth time: a night of it must not fill the log."""
    if times == 1 or times % 10 == 0:
        detail = error if isinstance(error, JstError) else f"{type(error).__name__}: {error}"
        log.warning("第 %d 次没有成功，%.0f 秒后再看：%s", times, pause, detail, exc_info=not isinstance(error, Retry))
