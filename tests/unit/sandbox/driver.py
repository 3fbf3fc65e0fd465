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
from local.sandbox.gateway import Gateway
from local.sandbox.quota import Quota
from local.sandbox.shop import Shop
from local.sandbox.store import Store
from local.sandbox.times import BEIJING, beijing
from local.sandbox.tokens import App

SECRET = "a-secret-that-only-lives-in-the-tests-000"
ORDERS = "/open/orders/out/simple/query"
SKUS = "/open/sku/query"
SHOPS = "/open/shops/query"
START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=BEIJING).timestamp()


class Driver:
    """One sandbox in ``folder``; ``now`` is its clock in Unix seconds."""

    def __init__(self, folder: Path, *, now: float = START, seed: int = 7) -> None:
        self.now = now
        self.slept: list[float] = []
        self.caller = "127.0.0.1"
        rng = random.Random(seed)
        self.store = Store(folder)
        faults = Faults(rng)
        self.shop = Shop(self.store, faults, rng, self._clock, skus=40, per_hour=36_000)
        gateway = Gateway(self.store, faults, Quota(self._clock), App("sandbox_app", SECRET), self._clock, self._sleep)
        self._app = application(self.shop, faults, gateway, self._clock)

    def _clock(self) -> float:
        return self.now

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
            "scope": "order_out_query inventory_query",
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


def parse(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    parsed: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
    return parsed


def by_key(rows: list[dict[str, Any]], key: str = "io_id") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}
