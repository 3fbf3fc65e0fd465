"""Dialect ``gateway``: JSON over POST, bearer JWT, flat envelope, HTTP 429, window + page_index, quota per endpoint.

Checks in this order: path, method and body, token (401), IP (403), scope (403), quota (429), parameters (400).
Error answers are {"code", "msg", "request_id"} with the HTTP status named in brackets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from email.utils import formatdate
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from local.sandbox.answers import Dropped, answered, refused, spoil
from local.sandbox.faults import Faults
from local.sandbox.kinds import KINDS
from local.sandbox.questions import Endpoint, bad, read
from local.sandbox.quota import Quota
from local.sandbox.rows import decode
from local.sandbox.store import Store
from local.sandbox.tokens import App, Refusal, scopes

ENDPOINTS = {
    "/open/orders/out/simple/query": Endpoint(
        "sale_out",
        most=25,
        per_second=15,
        scope="order_out_query",
        ids={"io_ids": "key", "o_ids": "other_id"},
        date_types={0: "modified", 2: "io_date"},
    ),
    "/open/sku/query": Endpoint("sku", most=50, per_second=5, scope="inventory_query", ids={"sku_ids": "key"}),
    "/open/shops/query": Endpoint(
        "shops", most=100, per_second=5, scope="inventory_query", ids={"shop_ids": "key"}, needs_window=False
    ),
}
_PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

Sleep = Callable[[float], Awaitable[None]]


class Gateway:
    """The ASGI application of this dialect. ``clock`` gives Unix seconds; ``sleep`` takes seconds."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        quota: Quota,
        app: App,
        clock: Callable[[], float],
        sleep: Sleep,
    ) -> None:
        self._store, self._faults, self._quota, self._app = store, faults, quota, app
        self._clock, self._sleep = clock, sleep
        self.answers: Counter[tuple[str, int]] = Counter()
        """How often each path was answered with each HTTP status (0: not at all)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = request.url.path
        skew = self._faults.hit("clock_skew", path)
        now = self._clock() + (skew["seconds"] if skew else 0.0)
        answer = await self._line_fault(path) or await self._answer(request, path, now)
        status = 0 if isinstance(answer, Dropped) else answer.status_code
        self.answers[path if path in ENDPOINTS else "other", status] += 1
        answer.headers["Date"] = formatdate(now, usegmt=True)
        await answer(scope, receive, send)

    async def _line_fault(self, path: str) -> Response | None:
        """What goes wrong before the ERP itself sees the request."""
        if fault := self._faults.hit("slow", path):
            await self._sleep(fault["seconds"])
        if fault := self._faults.hit("timeout", path):
            await self._sleep(fault["seconds"])
            return Dropped()
        if self._faults.hit("drop", path):
            return Dropped()
        if self._faults.hit("http_500", path):
            return PlainTextResponse("Internal Server Error", 500)
        if self._faults.hit("http_502_html", path):
            return HTMLResponse(_PROXY_PAGE, 502)
        return None

    async def _answer(self, request: Request, path: str, now: float) -> Response:
        request_id = uuid4().hex
        try:
            endpoint = ENDPOINTS.get(path)
            if endpoint is None:
                raise Refusal(404, 40401, f"接口不存在：{path[:200]}")
            body = await _body(request)
            self._admit(request, endpoint, path, now)
            return self._page(endpoint, path, body, request_id)
        except Refusal as refusal:
            return refused(refusal.status, refusal.code, refusal.msg, request_id)

    def _admit(self, request: Request, endpoint: Endpoint, path: str, now: float) -> None:
        granted = scopes(request.headers.get("Authorization", ""), self._app, now)
        if self._faults.hit("token_expired", path):
            raise Refusal(401, 40102, "令牌已过期")
        caller = request.client.host if request.client else ""
        if (fault := self._faults.hit("ip_refused", path)) and caller not in fault["allow"]:
            raise Refusal(403, 40301, f"IP {caller} 不在白名单中")
        if endpoint.scope not in granted:
            raise Refusal(403, 40302, f"令牌没有接口权限 {endpoint.scope}")
        if self._faults.hit("storm_429", path) or not self._quota.take(path, endpoint.per_second):
            raise Refusal(429, 42901, f"调用太频繁：该接口每秒最多 {endpoint.per_second} 次")

    def _page(self, endpoint: Endpoint, path: str, body: dict[str, Any], request_id: str) -> Response:
        question, page_index, page_size = read(endpoint, body)
        total, rows = self._store.page(question, page_size, (page_index - 1) * page_size)

        def strikes(fault: str, keys: Collection[str] = ()) -> dict[str, Any] | None:
            return self._faults.hit(fault, path, keys)

        texts = spoil(KINDS[endpoint.module], rows, strikes)
        return answered(texts, total, page_index * page_size < total, request_id, strikes)


async def _body(request: Request) -> dict[str, Any]:
    if request.method != "POST":
        raise bad("请使用 POST")
    try:
        body = decode(await request.body())
    except ValueError:
        raise bad("请求体不是 JSON") from None
    if not isinstance(body, dict):
        raise bad("请求体必须是 JSON 对象")
    return body
