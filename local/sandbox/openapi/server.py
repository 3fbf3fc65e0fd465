"""Dialect ``openapi``: signed form over POST, nested envelope, one budget for all endpoints, window or ts cursor.

HTTP 200 whatever happens; ``code`` says what. Checks in this order: form and system parameters (140), app_key (140),
timestamp (180), signature (10), access token (100), IP (110), permission (190), budget (199, 200), then the internal
error of a fault (150), ``biz`` (130) and its conditions (170). Token calls end after the signature and cost no budget.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from local.sandbox.answers import Refusal, Strikes, cut_short, document, joined, odd_parts, spoil
from local.sandbox.faults import Faults
from local.sandbox.front import App, Front, Sleep, caller
from local.sandbox.kinds import KINDS
from local.sandbox.openapi.questions import Endpoint, Ids, Wish, bad, read
from local.sandbox.openapi.signature import signature
from local.sandbox.openapi.tokens import INIT, REFRESH, Tokens
from local.sandbox.quota import Limit, Quota
from local.sandbox.records import Page
from local.sandbox.rows import decode, encode
from local.sandbox.store import Store
from local.sandbox.times import beijing

ENDPOINTS = {
    "/open/orders/out/simple/query": Endpoint(
        "sale_out",
        most=50,
        ids={"io_ids": Ids("key", 50), "o_ids": Ids("other_id", 50)},
        cursor="start_ts",
        date_types={0: "modified", 2: "io_date"},
        filters=frozenset({"status"}),
    ),
    "/open/inventory/query": Endpoint(
        "inventory",
        most=100,
        ids={"sku_ids": Ids("key", 100, comma=True)},
        list_key="inventorys",
        cursor="ts",
        filters=frozenset({"wms_co_id"}),
        totals=False,
        branches="branch_stock",
    ),
    "/open/refund/single/query": Endpoint(
        "after_sale",
        most=50,
        ids={"as_ids": Ids("key", 50), "o_ids": Ids("other_id", 50)},
        cursor="start_ts",
        filters=frozenset({"status"}),
    ),
    "/open/sku/query": Endpoint("sku", most=50, ids={"sku_ids": Ids("key", 50, comma=True)}),
    "/open/shops/query": Endpoint(
        "shop", most=100, default=100, ids={"shop_ids": Ids("key", 100)}, totals=False, listed=True
    ),
    "/open/wms/partner/query": Endpoint("warehouse", most=30, ids={}, listed=True),
}
TOKEN_PATHS = (INIT, REFRESH)
PER_SECOND, PER_MINUTE = Limit(5, 1.0), Limit(100, 60.0)
SKEW = 600
"""Seconds a timestamp may be off."""

APART = 1_000_000
"""So far apart are the ts of neighbouring warehouses under the fault ts_by_warehouse."""

_OVER = {PER_SECOND: (199, "调用太频繁：每秒最多 5 次"), PER_MINUTE: (200, "调用频次超过限制：每分钟最多 100 次")}


class OpenApi(Front):
    """The ASGI application of this dialect. ``token_seconds``: life of an access token."""

    refusals = frozenset(code for code, _ in _OVER.values())

    def __init__(
        self,
        store: Store,
        faults: Faults,
        quota: Quota,
        app: App,
        clock: Callable[[], float],
        sleep: Sleep,
        token_seconds: int,
    ) -> None:
        super().__init__(store, faults, quota, app, clock, sleep)
        self._tokens = Tokens(store, app, token_seconds)

    def paths(self) -> Collection[str]:
        return (*ENDPOINTS, *TOKEN_PATHS)

    async def _serve(self, request: Request, path: str, now: float, request_id: str) -> Response:
        if path not in self.paths():
            raise Refusal(404, 404, f"接口不存在：{path[:200]}")
        form = await _form(request)
        self._identify(form, now)
        if path in TOKEN_PATHS:
            return document(encode({"code": 0, "msg": "执行成功", "data": self._tokens.grant(path, form, now)}))
        self._admit(request, form, path, now)
        if self._faults.hit("internal_error", path):
            raise Refusal(200, 150, "内部处理异常")
        endpoint, strikes = ENDPOINTS[path], self._strikes(path)
        wish = read(endpoint, form.get("biz", ""))
        question = self._keyed(wish.question, path, bad("没有按主键的参数"), Refusal(200, 170, "至少需要一个查询条件"))
        wish = replace(wish, question=question)
        page = self._page(wish, path)
        rows = spoil(KINDS[endpoint.module], page.rows, strikes)
        return _answered(endpoint, wish, page, rows, request_id, strikes)

    def _page(self, wish: Wish, path: str) -> Page:
        question = wish.question
        apart = question.branch and self._faults.hit("ts_by_warehouse", path)
        shift = int(question.branch) * APART if apart else 0
        if shift and question.since is not None:
            question = replace(question, since=question.since - shift)
        page = self._store.page(question, wish.size, (wish.index - 1) * wish.size, counted=wish.counted)
        return replace(page, rows=[(key, _renumbered(body, shift)) for key, body in page.rows]) if shift else page

    def _identify(self, form: Mapping[str, str], now: float) -> None:
        if form.get("app_key") != self._app.key:
            raise Refusal(200, 140, f"参数不符合规范：app_key 不存在：{form.get('app_key', '')[:64]}")
        if form.get("charset", "").lower() != "utf-8":
            raise Refusal(200, 140, "参数不符合规范：charset 应为 utf-8")
        timestamp = form.get("timestamp", "")
        if not timestamp.isdecimal() or abs(int(timestamp) - now) > SKEW:
            raise Refusal(200, 180, f"timestamp 无效或与服务器相差超过 10 分钟；服务器时间 {beijing(now)}（北京时间）")
        if form.get("sign") != signature(form, self._app.secret):
            raise Refusal(200, 10, "无效签名")

    def _admit(self, request: Request, form: Mapping[str, str], path: str, now: float) -> None:
        if form.get("version") != "2":
            raise Refusal(200, 140, "参数不符合规范：version 应为 2")
        self._tokens.check(form.get("access_token", ""), now)
        if self._faults.hit("token_expired", path):
            raise Refusal(200, 100, "access_token 无效或已过期")
        if (fault := self._faults.hit("ip_refused", path)) and caller(request) not in fault["allow"]:
            raise Refusal(200, 110, f"IP {caller(request)} 不在白名单中")
        if self._faults.hit("permission_refused", path):
            raise Refusal(200, 190, f"没有接口 {path} 的权限")
        if fault := self._faults.hit("storm_429", path):
            raise Refusal(200, *next(over for over in _OVER.values() if over[0] == fault["code"]))
        if over := self._quota.take("*", (PER_SECOND, PER_MINUTE)):
            raise Refusal(200, *_OVER[over])

    def _refuse(self, refusal: Refusal, path: str, request_id: str) -> Response:
        answer: dict[str, Any] = {"code": refusal.code, "msg": refusal.msg, "data": None, "request_id": request_id}
        if fault := self._faults.hit("error_data", path):
            answer["data"] = []
            if fault["form"] == "absent":
                del answer["data"]
        return document(encode(answer), refusal.status)


def _answered(
    endpoint: Endpoint, wish: Wish, page: Page, rows: list[str], request_id: str, strikes: Strikes
) -> Response:
    parts = {
        "page_index": str(wish.index),
        "page_size": str(wish.size),
        "has_next": encode(page.has_next),
        endpoint.list_key: f"[{','.join(rows)}]",
    }
    if endpoint.totals:
        # Without is_get_total they are there, but mean nothing.
        total = page.total or 0
        parts |= {"data_count": str(total), "page_count": str(-(-total // wish.size))}
    odd_parts(parts, endpoint.list_key, ("data_count", "page_count"), strikes)
    if strikes("inner_code"):
        parts = {"code": "150", "msg": '"内部处理异常"', "issuccess": "false"}
    whole = {
        "code": '"0"' if strikes("code_as_string") else "0",
        "msg": '"执行成功"',
        "data": joined(parts),
        "request_id": encode(request_id),
    }
    return cut_short(joined(whole), strikes)


def _renumbered(body: str, shift: int) -> str:
    row = decode(body)
    return encode({**row, "ts": row["ts"] + shift})


async def _form(request: Request) -> dict[str, str]:
    """Return the form's parameters, each once; nothing is read from the query string."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != "application/x-www-form-urlencoded":
        raise Refusal(200, 140, "参数不符合规范：请用 POST 提交 application/x-www-form-urlencoded 表单")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refusal(200, 140, "参数不符合规范：表单不是 UTF-8") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise Refusal(200, 140, "参数不符合规范：有参数重复")
    return form
