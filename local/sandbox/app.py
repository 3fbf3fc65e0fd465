"""The sandbox as one ASGI application: the dialects, and the control API for tests, open to this machine only.

GET  /sandbox/health            {"ok", "time", "frozen"}
POST /sandbox/freeze            the shop stands still, late commits land; answers rows and newest modified per module
POST /sandbox/thaw              the shop lives again
GET  /sandbox/truth/<module>    NDJSON of every committed row's full state, by key; ?modified_from=yyyy-MM-dd HH:mm:ss
GET  /sandbox/stats             answers by path and status (0: line cut), and by code; refused, orders, changes, rows …
GET | PUT /sandbox/faults       the faults in force; PUT replaces the set
POST /sandbox/orders_per_hour   {"value": n}, evenly, or "rhythm": true, as its hours go; until the next start
POST /sandbox/clock             {"seconds": n}: move the clock forward; the shop lives through these seconds
POST /sandbox/touch             {"module", "keys": [...]}: their modified becomes now
POST /sandbox/put               {"module", "row": {...}}: stored exactly as given, modified = now unless given
/sandbox/messages …             what the stand-ins of DingTalk, Feishu and SMS have seen: messengers/desk.py
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from email.utils import formatdate
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route

from local.sandbox.answers import document
from local.sandbox.faults import BadFault, Faults
from local.sandbox.front import Front
from local.sandbox.kinds import KINDS
from local.sandbox.messengers.desk import Desk
from local.sandbox.rows import decode, encode
from local.sandbox.shop import Shop
from local.sandbox.times import beijing

TICK = 0.1
"""Seconds between two ticks of the living shop."""
SHOP_STEP = 1.0
"""Seconds the clock moves at once: more would be orders of many seconds under one ``modified``."""

Answer = Callable[[Request], Awaitable[Response]]


class BadOrder(ValueError):
    """A control request that cannot be carried out; the message says why, in Chinese."""


class Control:
    """The control API over one shop."""

    def __init__(
        self, shop: Shop, faults: Faults, front: Front, clock: Callable[[], float], move: Callable[[float], None]
    ) -> None:
        self._shop, self._faults, self._front, self._clock, self._move = shop, faults, front, clock, move

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Answer]] = [
            ("GET", "health", self.health),
            ("POST", "freeze", self.freeze),
            ("POST", "thaw", self.thaw),
            ("GET", "truth/{module}", self.truth),
            ("GET", "stats", self.stats),
            ("GET", "faults", self.faults),
            ("PUT", "faults", self.set_faults),
            ("POST", "orders_per_hour", self.orders_per_hour),
            ("POST", "clock", self.move_clock),
            ("POST", "touch", self.touch),
            ("POST", "put", self.put),
        ]
        return [Route(f"/sandbox/{path}", self.guarded(answer), methods=[verb]) for verb, path, answer in table]

    def guarded(self, answer: Answer) -> Answer:
        """Keep other machines from an answer, and put the shop's time on it."""

        async def guarded(request: Request) -> Response:
            if request.client is None or request.client.host not in ("127.0.0.1", "::1"):
                response = document(encode({"error": "控制接口只接受本机调用"}), 403)
            else:
                try:
                    response = await answer(request)
                except (BadOrder, BadFault) as problem:
                    response = document(encode({"error": str(problem)}), 400)
            response.headers["Date"] = formatdate(self._clock(), usegmt=True)
            return response

        return guarded

    async def health(self, _: Request) -> Response:
        return document(encode({"ok": True, "time": beijing(self._clock()), "frozen": self._shop.frozen}))

    async def freeze(self, _: Request) -> Response:
        self._shop.freeze()
        return document(encode({"frozen": True, **self._shop.figures()}))

    async def thaw(self, _: Request) -> Response:
        self._shop.thaw()
        return document(encode({"frozen": False}))

    async def truth(self, request: Request) -> Response:
        module = _module(request.path_params["module"])
        modified_from = request.query_params.get("modified_from", "")

        async def lines() -> AsyncIterator[str]:
            for bodies in self._shop.store.every(module, modified_from):
                yield "\n".join(bodies) + "\n"
                # Requests and ticks have their turn between two chunks.
                await asyncio.sleep(0)

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    async def stats(self, _: Request) -> Response:
        figures = {
            "requests": _by_path(self._front.answers),
            "codes": _by_path(self._front.codes),
            "refused": sum(count for (_, code), count in self._front.codes.items() if code in self._front.refusals),
            "dialect": self._shop.store.dialect,
            "orders": self._shop.store.recall("order"),
            "changes": self._shop.store.recall("changes"),
            "orders_per_hour": self._shop.per_hour,
            "rhythm": not self._shop.flat,
            "frozen": self._shop.frozen,
            "faults": self._faults.as_given(),
        }
        return document(encode({**figures, **self._shop.figures()}))

    async def faults(self, _: Request) -> Response:
        return document(encode(self._faults.as_given()))

    async def set_faults(self, request: Request) -> Response:
        self._faults.replace(await _json(request))
        return await self.faults(request)

    async def orders_per_hour(self, request: Request) -> Response:
        order = await _json(request)
        value = _number(order, "value", 1_000_000)
        self._shop.per_hour, self._shop.flat = float(value), order.get("rhythm") is not True
        return document(encode({"value": value, "rhythm": not self._shop.flat}))

    async def move_clock(self, request: Request) -> Response:
        seconds = _number(await _json(request), "seconds", 86_400)
        while seconds > 0:
            step = min(float(seconds), SHOP_STEP)
            seconds -= step
            self._move(step)
            self._shop.tick()
            # Requests have their turn between two steps, as in any other second.
            await asyncio.sleep(0)
        return document(encode({"time": beijing(self._clock())}))

    async def touch(self, request: Request) -> Response:
        order = await _json(request)
        module, keys = _module(order.get("module")), order.get("keys")
        if not isinstance(keys, list):
            raise BadOrder("keys 必须是数组")
        missing = self._shop.touch(module, [str(key) for key in keys])
        return document(encode({"touched": len(keys) - len(missing), "missing": missing}))

    async def put(self, request: Request) -> Response:
        order = await _json(request, decode)
        module, row = _module(order.get("module")), order.get("row")
        if not isinstance(row, dict):
            raise BadOrder("row 必须是 JSON 对象")
        return document(encode({"key": self._shop.put(module, row)}))


def _by_path(counts: Mapping[tuple[str, int], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (path, what), count in counts.items():
        found.setdefault(path, {})[str(what)] = count
    return found


def _number(order: dict[str, Any], name: str, most: int) -> int | float:
    """Return a number of the order from 0 to ``most``. Raises BadOrder."""
    value = order.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadOrder(f"{name} 必须是 0 到 {most} 的数")
    return value


def _module(name: object) -> str:
    if name not in KINDS:
        raise BadOrder(f"没有模块 {name}；可用：{'、'.join(KINDS)}")
    return str(name)


async def _json(request: Request, decode: Callable[[bytes], Any] = msgspec.json.decode) -> dict[str, Any]:
    """Return the order; with the default ``decode`` numbers are floats, with that of rows money keeps its digits."""
    try:
        order = decode(await request.body())
    except ValueError:
        raise BadOrder("请求体不是 JSON") from None
    if not isinstance(order, dict):
        raise BadOrder("请求体必须是 JSON 对象")
    return order


def application(
    shop: Shop, faults: Faults, front: Front, desk: Desk, clock: Callable[[], float], move: Callable[[float], None]
) -> Starlette:
    """Control API, messengers and dialects on one port."""
    control = Control(shop, faults, front, clock, move)
    return Starlette(routes=[*control.routes(), *desk.routes(control.guarded), Mount("/", front)])


async def live(shop: Shop) -> None:
    """Let the shop live until cancelled."""
    while True:
        shop.tick()
        await asyncio.sleep(TICK)
