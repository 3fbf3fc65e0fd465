"""Dialect ``gateway``: JSON over POST, bearer JWT, flat envelope, HTTP 429, window + page_index, quota per endpoint.

Checks in this order: path, method and body, token (401), IP (403), scope (403), quota (429), parameters (400).
Error answers are {"code", "msg", "request_id"} with the HTTP status named in brackets.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local.sandbox.answers import Refusal, Strikes, cut_short, document, joined, odd_parts, spoil
from local.sandbox.front import Front, caller
from local.sandbox.gateway.questions import Endpoint, bad, read
from local.sandbox.gateway.tokens import scopes
from local.sandbox.kinds import KINDS
from local.sandbox.quota import Limit
from local.sandbox.records import Page
from local.sandbox.rows import decode, encode

ENDPOINTS = {
    "/open/orders/out/simple/query": Endpoint(
        "sale_out",
        most=25,
        per_second=15,
        scope="order_out_query",
        ids={"io_ids": "key", "o_ids": "other_id"},
        date_types={0: "modified", 2: "io_date"},
    ),
    "/open/inventory/query": Endpoint(
        "inventory", most=50, per_second=20, scope="inventory_query", ids={"sku_ids": "key"}, branches="branch_stock"
    ),
    "/open/aftersale/query": Endpoint(
        "after_sale",
        most=20,
        per_second=10,
        scope="after_sale_query",
        ids={"as_ids": "key", "o_ids": "other_id"},
    ),
    "/open/sku/query": Endpoint("sku", most=50, per_second=5, scope="inventory_query", ids={"sku_ids": "key"}),
    "/open/shops/query": Endpoint(
        "shop", most=100, per_second=5, scope="inventory_query", ids={"shop_ids": "key"}, needs_window=False
    ),
    "/open/wms/partner/query": Endpoint(
        "warehouse", most=50, per_second=5, scope="inventory_query", ids={"wms_co_ids": "key"}, needs_window=False
    ),
}


class Gateway(Front):
    """The ASGI application of this dialect."""

    refusals = frozenset({42901})

    def paths(self) -> Collection[str]:
        return ENDPOINTS

    async def _serve(self, request: Request, path: str, now: float, request_id: str) -> Response:
        endpoint = ENDPOINTS.get(path)
        if endpoint is None:
            raise Refusal(404, 40401, f"接口不存在：{path[:200]}")
        body = await _body(request)
        self._admit(request, endpoint, path, now)
        question, page_index, page_size = read(endpoint, body)
        named = "、".join(name for name in endpoint.ids if body.get(name))
        question = self._keyed(question, path, Refusal(400, 130, f"不支持的参数：{named}"), bad("缺少查询条件"))
        page = self._store.page(question, page_size, (page_index - 1) * page_size)
        strikes = self._strikes(path)
        return _answered(page, spoil(KINDS[endpoint.module], page.rows, strikes), request_id, strikes)

    def _admit(self, request: Request, endpoint: Endpoint, path: str, now: float) -> None:
        granted = scopes(request.headers.get("Authorization", ""), self._app, now)
        if self._faults.hit("token_expired", path):
            raise Refusal(401, 40102, "令牌已过期")
        if (fault := self._faults.hit("ip_refused", path)) and caller(request) not in fault["allow"]:
            raise Refusal(403, 40301, f"IP {caller(request)} 不在白名单中")
        if endpoint.scope not in granted or self._faults.hit("permission_refused", path):
            raise Refusal(403, 40302, f"令牌没有接口权限 {endpoint.scope}")
        if self._faults.hit("storm_429", path) or self._quota.take(path, (Limit(endpoint.per_second, 1.0),)):
            raise Refusal(429, 42901, f"调用太频繁：该接口每秒最多 {endpoint.per_second} 次")

    def _refuse(self, refusal: Refusal, path: str, request_id: str) -> Response:
        answer = document(encode({"code": refusal.code, "msg": refusal.msg, "request_id": request_id}), refusal.status)
        if refusal.status == 429:
            answer.headers["Retry-After"] = "1"
        return answer


def _answered(page: Page, rows: list[str], request_id: str, strikes: Strikes) -> Response:
    """Return the answer to a good request; ``rows`` are the page's, spoiled already."""
    parts = {
        "code": '"0"' if strikes("code_as_string") else "0",
        "msg": '""',
        "datas": f"[{','.join(rows)}]",
        "has_next": encode(page.has_next),
        "total": str(page.total),
        "request_id": encode(request_id),
    }
    odd_parts(parts, "datas", ("total",), strikes)
    return cut_short(joined(parts), strikes)


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
