"""Drives the sandbox without sockets and without waiting: its clock moves when a test says so."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import jwt

from local.sandbox.app import application
from local.sandbox.faults import Faults
from local.sandbox.front import App, Front
from local.sandbox.gateway.server import Gateway
from local.sandbox.history import NO_HISTORY, History
from local.sandbox.kinds.ids import Dialect
from local.sandbox.messengers.desk import Desk
from local.sandbox.openapi.server import OpenApi
from local.sandbox.openapi.signature import signature
from local.sandbox.quota import Quota
from local.sandbox.rhythm import STEADY, Steady
from local.sandbox.shop import Shop
from local.sandbox.store import Store
from local.sandbox.times import BEIJING, beijing

SECRET = "a-secret-that-only-lives-in-the-tests-000"
ORDERS = "/open/orders/out/simple/query"
STOCK = "/open/inventory/query"
RETURNS = "/open/aftersale/query"
REFUNDS = "/open/refund/single/query"
SKUS = "/open/sku/query"
WAREHOUSES = "/open/wms/partner/query"
SHOPS = "/open/shops/query"
START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=BEIJING).timestamp()


class Driver:
    """One sandbox in ``folder``; ``now`` is its clock in Unix seconds."""

    dialect: Dialect = "gateway"

    def __init__(
        self, folder: Path, *, now: float = START, seed: int = 7, history: History = NO_HISTORY, quota: bool = True,
        rhythm: Steady = STEADY, skus: int = 40,
    ) -> None:  # fmt: skip
        self.folder, self.now = folder, now
        self.slept: list[float] = []
        self.caller = "127.0.0.1"
        rng = random.Random(seed)
        self.store = Store(folder, self.dialect)
        faults = Faults(rng, self.dialect)
        self.shop = Shop(
            self.store, faults, rng, self._clock, skus=skus, per_hour=36_000, history=history, rhythm=rhythm
        )
        front = self._front(faults, Quota(self._clock, enforced=quota))
        desk = Desk(SECRET, self._sleep, self._clock)
        self._app = application(self.shop, faults, front, desk, self._clock, self._move)

    def _front(self, faults: Faults, quota: Quota) -> Front:
        return Gateway(self.store, faults, quota, App("sandbox_app", SECRET), self._clock, self._sleep)

    def _clock(self) -> float:
        return self.now

    def _move(self, seconds: float) -> None:
        self.now += seconds

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def run(self, seconds: int) -> None:
        """Let the shop live: ten orders a second."""
        for _ in range(seconds):
            self.now += 1
            self.shop.tick()

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=(self.caller, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
                return await client.request(method, path, **request)

        return asyncio.run(call())

    def token(self, secret: str = SECRET, **claims: Any) -> str:
        whole = {
            "app_key": "sandbox_app",
            "scope": "order_out_query inventory_query after_sale_query",
            "iat": int(self.now),
            "exp": int(self.now) + 600,
            **claims,
        }
        return jwt.encode({name: value for name, value in whole.items() if value is not None}, secret, "HS256")

    def ask(self, path: str = ORDERS, token: str | None = None, **body: Any) -> httpx.Response:
        """A request as a good client sends it, a second after the last one; without a window: all the past week."""
        self.now += 1
        if "start_time" not in body and not any(name.endswith("ids") for name in body):
            body = {"start_time": beijing(self.now - 7 * 86_400), "end_time": beijing(self.now), **body}
        return self.send("POST", path, json=body, headers={"Authorization": f"Bearer {token or self.token()}"})

    def rows(self, path: str = ORDERS, **body: Any) -> list[dict[str, Any]]:
        """All pages, money as Decimal."""
        found: list[dict[str, Any]] = []
        for index in range(1, 10_000):
            answer = parse(self.ask(path, page_index=index, **body))
            found += answer["datas"]
            if not answer["has_next"]:
                break
        return found

    def fault(self, **faults: Any) -> None:
        assert self.send("PUT", "/sandbox/faults", json=faults).status_code == 200

    def post(self, path: str, **order: Any) -> Any:
        """A control order that must be obeyed."""
        answer = self.send("POST", f"/sandbox/{path}", json=order)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def truth(self, module: str = "sale_out", query: str = "") -> list[dict[str, Any]]:
        text = self.send("GET", f"/sandbox/truth/{module}{query}").text
        return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


class OpenDriver(Driver):
    """The same in the openapi dialect."""

    dialect: Dialect = "openapi"
    token_seconds = 3600
    access = ""

    def _front(self, faults: Faults, quota: Quota) -> Front:
        app = App("sandbox_app", SECRET)
        return OpenApi(self.store, faults, quota, app, self._clock, self._sleep, self.token_seconds)

    def form(self, secret: str = SECRET, **fields: Any) -> dict[str, str]:
        """A signed form; a field given as None is left out."""
        whole = {"app_key": "sandbox_app", "timestamp": str(int(self.now)), "charset": "utf-8", **fields}
        kept = {name: str(value) for name, value in whole.items() if value is not None}
        return {"sign": signature(kept, secret), **kept}

    def grant(self, path: str = "getInitToken", **fields: Any) -> dict[str, Any]:
        """The parsed answer of a token call."""
        given = {"grant_type": "authorization_code", "code": "a1B2c3", **fields}
        return parse(self.send("POST", f"/openWeb/auth/{path}", data=self.form(**given)))

    def call(self, path: str = ORDERS, biz: str = "{}", **fields: Any) -> dict[str, Any]:
        """The parsed answer to a form as a good client sends it, but for the fields given."""
        if not self.access and "access_token" not in fields:
            self.access = self.grant()["data"]["access_token"]
        whole = {"version": "2", "access_token": self.access, "biz": biz, **fields}
        return parse(self.send("POST", path, data=self.form(**whole)))

    def wish(self, path: str = ORDERS, **biz: Any) -> dict[str, Any]:
        """The parsed answer to a good request, a second after the last one."""
        self.now += 1
        return self.call(path, json.dumps(biz))


def parse(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    parsed: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
    return parsed


def by_key(rows: list[dict[str, Any]], key: str = "io_id") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}
