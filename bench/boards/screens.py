"""What thirty people and one real browser wait for on the running stack, and which process pays for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from typing import Any

import httpx

from bench.boards.real_browser import RealBrowser
from bench.boards.visitors import House, Polls, Visitor
from bench.instruments.percentile import percentile
from bench.instruments.process_cost import Meter
from bench.instruments.running_stack import still_shop
from bench.kills.victims import processes
from jst.boards.board_spec import load_boards
from jst.workbook.shops import read_workbook
from local.accounts import ADMIN
from local.layout import SANDBOX_WORKBOOK, Layout, LocalError
from local.services import airflow

PEOPLE, SETS = 30, 9
ROUNDS = 5
VERSION_EVERY = 0.1
OPENED_SECONDS = 70.0
"""After it every page has asked once, those of the slowest refresh too."""
SETTLE_SECONDS = 6.0
"""Between two parts: kept rights and figures have aged, and connections are closed."""


@dataclass(slots=True)
class Part:
    """One part of the measurement: seconds of each screen or poll, Airflow's own API beside it, core-seconds by
    process while it ran."""

    title: str
    times: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cores: dict[str, float] = field(default_factory=dict)
    note: str = ""

    def lines(self) -> Iterator[str]:
        """Say it: waiting, then what each process spent."""
        yield f"{self.title}：{len(self.times)} 次，{_spread(self.times)}{self.note}"
        if self.browser:
            yield f"    真实浏览器到最后一张图：{_spread(self.browser)}"
        yield f"    旁边 Airflow 自己的接口：{_spread(self.beside)}"
        each = max(1, len(self.times))
        spent = sorted(self.cores.items(), key=lambda item: -item[1])
        told = "，".join(f"{name} {cores / each * 1000:.1f}" for name, cores in spent if cores / each > 0.0005)
        yield f"    每次核毫秒：{told or '0'}；共 {sum(self.cores.values()) / self.seconds:.2f} 核"

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title, "count": len(self.times), "seconds": round(self.seconds, 1), "cores": self.cores,
            **{name: {f"p{rank}_ms": round(percentile(values, rank / 100) * 1000, 1) for rank in (50, 95, 99)}
               for name, values in (("screen", self.times), ("airflow", self.beside), ("browser", self.browser))
               if values},
        }  # fmt: skip


class Screens:
    """The measurement on one running stack. ``seconds``: of each part that lasts; ``refreshes``: of the page that is
    left open at the end. What processes use anyway is measured first, as a part of its own."""

    def __init__(self, layout: Layout, seconds: float, refreshes: int) -> None:
        self._layout, self._seconds, self._refreshes, self._meter = layout, seconds, refreshes, Meter()
        self._url, self._boards = airflow.url(layout), load_boards()
        owners = [shop.owner for shop in read_workbook(SANDBOX_WORKBOOK).shops]
        names = [*dict.fromkeys(owners)][: SETS - 1] + [ADMIN]
        self._people = [Visitor.of(name, layout.secrets.airflow_jwt) for name in islice(cycle(names), PEOPLE)]

    def run(self) -> list[Part]:
        """Measure all parts, and say each when it is done. Raises LocalError when the stack is away, httpx errors."""
        with RealBrowser(self._url, self._layout.secrets.airflow_jwt) as browser:
            return asyncio.run(self._all(browser))

    async def _all(self, browser: RealBrowser) -> list[Part]:
        house, parts = House(self._url), list[Part]()
        pages, first = Polls(house), next(iter(self._boards))
        together, everything = f"{PEOPLE} 人同一刻打开 {first}", f"{PEOPLE} 人各打开全部 {len(self._boards)} 块"
        opened, watched = (partial(self._watch, pages, seconds) for seconds in (OPENED_SECONDS, self._seconds))

        async def measure(title: str, work: Callable[[Part], Awaitable[None]]) -> None:
            parts.append(await self._part(house, title, work))
            for line in parts[-1].lines():
                print(line, flush=True)

        try:
            await measure("什么也没开着", self._nothing)
            await measure(f"{together}，缓存全空", partial(self._open, house, browser, first, cold=True))
            await measure(f"{together}，文件已缓存", partial(self._open, house, browser, first, cold=False))
            await measure(everything, opened)
            await measure("都开着，照常刷新", watched)
            await measure(f"{PEOPLE} 人问完就问，看板接口的饱和", partial(self._saturate, Polls(house)))
            with still_shop(self._layout):
                await measure(f"源端没有变化，{everything}", opened)
                await measure("源端没有变化，什么也没开着", self._nothing)
                await measure("源端没有变化，都开着，照常刷新", watched)
            if self._refreshes:
                await self._leave_open(browser, first)
        finally:
            await house.close()
        return parts

    async def _part(self, house: House, title: str, work: Callable[[Part], Awaitable[None]]) -> Part:
        part = Part(title)
        await asyncio.sleep(SETTLE_SECONDS)
        before = self._look()
        began, probe = time.monotonic(), asyncio.ensure_future(self._probe(house, part))
        try:
            await work(part)
        finally:
            probe.cancel()
            with suppress(asyncio.CancelledError):
                await probe
        part.seconds = time.monotonic() - began
        part.cores = {name: cores - before.get(name, 0.0) for name, cores in self._look().items()}
        return part

    async def _probe(self, house: House, part: Part) -> None:
        while True:
            with suppress(httpx.TransportError):  # a connection that had idled for too long
                part.beside.append(await house.version())
            await asyncio.sleep(VERSION_EVERY)

    async def _nothing(self, _part: Part) -> None:
        await asyncio.sleep(self._seconds)

    async def _open(self, house: House, browser: RealBrowser, board: str, part: Part, *, cold: bool) -> None:
        before = house.turned_away
        for _ in range(ROUNDS):
            crowd = asyncio.gather(*(house.screen(person, board, cold=cold) for person in self._people))
            drawn = asyncio.to_thread(browser.open, board, cold=cold)
            times, seconds = await asyncio.gather(crowd, drawn)
            part.times += times
            part.browser.append(seconds)
            await asyncio.sleep(SETTLE_SECONDS)
        if turned_away := house.turned_away - before:
            part.note = f"，其中 {turned_away} 次先看到“ClickHouse 没有答复”，几秒后自己再开"

    async def _watch(self, polls: Polls, seconds: float, part: Part) -> None:
        pages = [(person, board.id, board.refresh) for person in self._people for board in self._boards.values()]
        await polls.run(pages, seconds)
        part.times, asked = polls.times, max(1, len(polls.times))
        part.note = f"；{polls.unchanged / asked:.0%} 没有变化，平均 {polls.bytes / asked:.0f} 字节"

    async def _saturate(self, polls: Polls, part: Part) -> None:
        boards = cycle(self._boards.values())
        await polls.run([(person, next(boards).id, 0.0) for person in self._people], self._seconds / 2)
        part.times = polls.times
        part.note = f"；每秒 {len(polls.times) / (self._seconds / 2):.0f} 次"

    async def _leave_open(self, browser: RealBrowser, board: str) -> None:
        heap, nodes = await asyncio.to_thread(browser.leave_open, board, self._refreshes)
        told = "，".join(f"{size / 1e6:.1f}" for size in heap)
        print(f"{board} 开着刷新 {self._refreshes} 次：JS 堆 MB {told}；节点 {nodes[0]} → {nodes[-1]}", flush=True)

    def _look(self) -> dict[str, float]:
        """Return core-seconds by process since the measurement began."""
        try:
            roots = {name: process.pid for name, process in processes(self._layout).items() if process.pid}
        except LocalError:
            raise LocalError("测量时全部进程已停止") from None
        self._meter.look(roots, {})
        return {name: usage.cpu for name, usage in self._meter.usage.items()}


def _spread(times: Sequence[float]) -> str:
    return "，".join(f"p{rank} {percentile(times, rank / 100):.2f} 秒" for rank in (50, 95, 99)) if times else "没有"
