"""All triggers in one event loop, as in the triggerer: where connections come from the loop itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from jst.wiring import Parts

pytestmark = pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported


class AddressesFromTheLoop:
    """Every look-up waits for the event loop, as Airflow's does in a triggerer, and finds no connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self.unanswered = loop, 0

    @property
    def dsn(self) -> Any:
        try:
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0.2), self._loop).result(2)
        except TimeoutError:
            self.unanswered += 1
        raise LookupError("no such connection")

    hosts = kafka = source = dsn


async def run_for_a_while(triggers: list[Any]) -> None:
    async def run(trigger: Any) -> None:
        async for _ in trigger.run():
            return

    running = [asyncio.create_task(run(trigger)) for trigger in triggers]
    await asyncio.sleep(1.5)
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_no_trigger_keeps_the_loop_from_answering_another(monkeypatch: pytest.MonkeyPatch) -> None:
    from jst.airflow import triggers

    async def side_by_side() -> int:
        addresses: Any = AddressesFromTheLoop(asyncio.get_running_loop())
        monkeypatch.setattr(triggers, "parts_from_connections", lambda: Parts(addresses))
        await run_for_a_while(
            [
                triggers.CompleteWatermarkTrigger("sale_out", "2026-11-30T00:00:00+08:00", 0.1),
                triggers.MartDaysTrigger("run-1", 60.0),
                triggers.SourceChangedTrigger("sale_out", "jst_sale_out", "run-1", 60.0),
                triggers.FiguresTrigger(60.0),
            ]
        )
        return int(addresses.unanswered)

    assert asyncio.run(side_by_side()) == 0


def test_a_trigger_that_another_triggerer_takes_over_fails_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    from jst.airflow import triggers

    class InUse(Parts):
        def close(self) -> None:
            raise AttributeError(
                "'NoneType' object has no attribute 'close'"
            )  # as of a client that a thread still uses

    async def taken_over() -> None:
        addresses: Any = AddressesFromTheLoop(asyncio.get_running_loop())
        monkeypatch.setattr(triggers, "parts_from_connections", lambda: InUse(addresses))
        await run_for_a_while([triggers.FiguresTrigger(60.0), triggers.MartDaysTrigger("run-1", 60.0)])

    asyncio.run(taken_over())
