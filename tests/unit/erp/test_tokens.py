"""The life of a token: when it is asked for, renewed, replaced, and what a person is told when it cannot be had."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from jst.erp.client import Client
from jst.erp.openapi import INIT_PATH, REFRESH_PATH
from jst.erp.tokens import MemoryTokens, Token
from jst.errors import JstError, Misconfigured, Refused
from tests.support.fake_source import NOON, SALE_OUT, SECRET, SKU, WINDOW, Respond, Source, http_date

PATH = "/open/orders/out/simple/query"
MONTH = 30 * 86_400
THREE_DAYS_LEFT = MONTH * 0.9


def token_answer(number: int, seconds: object = MONTH, **changes: object) -> httpx.Response:
    data = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": seconds}
    body = {"code": 0, "msg": "执行成功", "data": {**data, "scope": "all", **changes}}
    return httpx.Response(200, json=body, headers={"date": http_date()})


def good() -> httpx.Response:
    return httpx.Response(200, json={"code": 0, "data": {"datas": [{"io_id": 1}], "has_next": False, "data_count": 1}})


def bad(code: int | str, msg: str = "说明") -> httpx.Response:
    return httpx.Response(200, json={"code": code, "msg": msg, "data": None, "request_id": "req-9"})


def source(*answers: Respond) -> Source:
    return Source(*answers, dialect="openapi")


def ask(client: Client) -> int:
    return len(client.page(SALE_OUT, WINDOW, 1, origin="live").rows)


def form(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(request.content.decode()).items()}


def paths(source: Source) -> list[str]:
    return [request.url.path for request in source.requests]


def sent(source: Source) -> list[str]:
    return [form(request).get("access_token", "") for request in source.requests]


def test_the_first_request_gets_a_token_and_the_next_ones_use_it() -> None:
    shop = source(token_answer(1), good())
    with shop.client() as client:
        assert ask(client) == ask(client) == 1
    assert paths(shop) == [INIT_PATH, PATH, PATH]
    assert sent(shop) == ["", "access-1", "access-1"]
    first = form(shop.requests[0])
    assert first.keys() == {"grant_type", "code", "app_key", "timestamp", "charset", "sign"}
    assert (first["grant_type"], len(first["code"])) == ("authorization_code", 6)
    assert [bucket for bucket, _, _ in shop.budget.taken] == ["*"] * 3


def test_a_token_another_process_has_kept_is_used() -> None:
    store = MemoryTokens()
    with source(token_answer(1), good()).client(store) as client:
        ask(client)
    other = source(good())
    with other.client(store) as client:
        ask(client)
    assert sent(other) == ["access-1"]


def test_a_token_near_its_end_is_refreshed() -> None:
    shop = source(token_answer(1), good(), good(), token_answer(2), good())
    with shop.client() as client:
        ask(client)
        shop.clock.sleep(THREE_DAYS_LEFT - 10)
        ask(client)
        shop.clock.sleep(20)
        ask(client)
    assert paths(shop) == [INIT_PATH, PATH, PATH, REFRESH_PATH, PATH]
    assert sent(shop) == ["", "access-1", "access-1", "", "access-2"]
    asked = form(shop.requests[3])
    assert (asked["grant_type"], asked["refresh_token"], asked["scope"]) == ("refresh_token", "refresh-1", "all")


@pytest.mark.parametrize(
    ("life", "left", "due"),
    [
        (timedelta(days=30), timedelta(days=3, seconds=1), False),
        (timedelta(days=30), timedelta(days=3, seconds=-1), True),
        (timedelta(days=180), timedelta(days=18, seconds=-1), True),
        (timedelta(days=5), timedelta(hours=24, seconds=1), False),
        (timedelta(days=5), timedelta(hours=24, seconds=-1), True),
        (timedelta(hours=2), timedelta(hours=1, seconds=1), False),
        (timedelta(hours=2), timedelta(hours=1, seconds=-1), True),
    ],
)
def test_when_a_token_is_renewed(life: timedelta, left: timedelta, due: bool) -> None:
    assert Token("a", "r", NOON, NOON + life).due(NOON + life - left) is due


def test_a_living_token_is_used_while_its_renewal_fails(caplog: pytest.LogCaptureFixture) -> None:
    down = httpx.Response(502, html="<h1>Bad Gateway</h1>")
    shop = source(token_answer(1), good(), down, good(), good(), token_answer(2), good())
    with caplog.at_level(logging.WARNING), shop.client() as client:
        ask(client)
        shop.clock.sleep(THREE_DAYS_LEFT + 10)
        assert ask(client) == ask(client) == 1
        shop.clock.sleep(61)
        ask(client)
    assert paths(shop) == [INIT_PATH, PATH, REFRESH_PATH, PATH, PATH, REFRESH_PATH, PATH]
    assert "这次没有续上，先用旧的" in caplog.text


def test_a_refused_token_is_refreshed_once_and_the_request_repeated() -> None:
    shop = source(token_answer(1), bad(100), token_answer(2), good())
    with shop.client() as client:
        assert ask(client) == 1
    assert paths(shop) == [INIT_PATH, PATH, REFRESH_PATH, PATH]
    assert sent(shop)[-1] == "access-2"
    assert shop.clock.slept == []


def test_a_token_that_another_process_renewed_meanwhile_needs_no_call() -> None:
    store = MemoryTokens()
    shop = source(token_answer(1), good(), bad(100), good())
    with shop.client(store) as client:
        ask(client)
        store.renewed(1, lambda old: Token("access-9", "", NOON, NOON + timedelta(days=30)))
        ask(client)
    assert sent(shop) == ["", "access-1", "access-1", "access-9"]


@pytest.mark.parametrize("refusal", [bad(150, "应用不允许刷新token"), bad(100), bad(130, "参数无法转换")])
def test_where_the_refresh_is_refused_a_new_token_is_asked_for(refusal: httpx.Response) -> None:
    shop = source(token_answer(1), bad(100), refusal, token_answer(2), good())
    with shop.client() as client:
        assert ask(client) == 1
    assert paths(shop) == [INIT_PATH, PATH, REFRESH_PATH, INIT_PATH, PATH]


@pytest.mark.parametrize(
    ("answer", "says", "do"),
    [
        (bad(150, "第三方应用请重新授权"), "聚水潭不给这个应用发令牌：聚水潭不许续期这个应用的令牌", "请商家重新授权"),
        (bad(100, "code 无效"), "聚水潭不给这个应用发令牌：聚水潭说令牌已过期或无效", "核对应用的状态"),
        (bad(10, "无效签名"), "聚水潭不认我们的签名（HTTP 200，code 10：无效签名）", "app_secret"),
        (bad(140, "app_key不存在"), "聚水潭没有这个 app_key", "login"),
        (bad(110, "IP 139.196.112.34 不在白名单"), "IP 139.196.112.34 不在白名单", "白名单"),
    ],
)
def test_what_only_a_person_can_mend_is_asked_once(answer: httpx.Response, says: str, do: str) -> None:
    shop = source(answer)
    with shop.client() as client, pytest.raises(Misconfigured) as caught:
        ask(client)
    assert says in str(caught.value)
    assert do in caught.value.do
    assert "模块 sale_out" in str(caught.value)
    assert len(shop.requests) == 1


def test_a_token_that_is_never_taken_is_a_matter_for_a_person() -> None:
    shop = source(token_answer(1), bad(100), token_answer(2), bad(100))
    with shop.client() as client, pytest.raises(Misconfigured, match="换了新令牌仍然如此"):
        ask(client)
    assert len(shop.requests) == 4


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(502, html="down"),
        httpx.ReadTimeout("slow"),
        bad(199),
        bad(150, "内部处理异常"),
        token_answer(1, 0),
        token_answer(1, None),
        token_answer(1, access_token=None),
        httpx.Response(200, json={"code": 0, "data": None}),
    ],
)
def test_passing_trouble_of_a_token_call_is_passed(trouble: Respond) -> None:
    shop = source(trouble, trouble, token_answer(1, "2592000"), good())
    with shop.client() as client:
        assert ask(client) == 1
    assert shop.clock.slept == [1.0, 2.0]
    assert len(shop.budget.refusals) == (2 if isinstance(trouble, httpx.Response) and b"199" in trouble.content else 0)


def test_a_refusal_by_the_minute_is_waited_out_by_everybody() -> None:
    shop = source(token_answer(1), bad(200), good())
    with shop.client() as client:
        assert ask(client) == 1
    assert shop.budget.refusals == [("*", 60.0)]
    assert shop.clock.slept == [60.0]


def test_three_refusals_are_handed_to_the_caller() -> None:
    shop = source(token_answer(1), bad("199"))
    with (
        shop.client() as client,
        pytest.raises(Refused, match=r"每秒调用次数超限（HTTP 200，code 199：说明），共试 3 次"),
    ):
        ask(client)


def test_cursor_list_and_keys_ask_what_the_dialect_says() -> None:
    shop = source(token_answer(1), good())
    with shop.client() as client:
        client.since(SALE_OUT, 77, origin="live")
        client.listing(SKU, 2, origin="refresh")
        client.keys(SKU, ["a", "b"], origin="reconcile")
        with pytest.raises(ValueError, match="1 to 20 keys"):
            client.keys(SKU, ["a"] * 21, origin="reconcile")
    assert [form(request)["biz"] for request in shop.requests[1:]] == [
        '{"page_index":1,"page_size":50,"start_ts":77,"is_get_total":false}',
        '{"page_index":2,"page_size":50}',
        '{"page_index":1,"page_size":50,"sku_ids":"a,b"}',
    ]
    assert [origin for _, _, origin in shop.budget.taken] == ["live", "live", "refresh", "reconcile"]


def test_neither_secret_token_nor_signature_is_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    """The source repeats everything it was sent, and everything it should not know."""

    def echo(request: httpx.Request) -> httpx.Response:
        fields = form(request)
        return bad(150, f"{fields['access_token']} {fields['sign']} {SECRET} 13912345678"[:200])

    def shout(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, html=f"<p>{form(request)['sign']} refresh-1 {SECRET}</p>")

    shop = source(token_answer(1), echo, shout, httpx.ReadError("gone"))
    with caplog.at_level(logging.DEBUG), shop.client() as client, pytest.raises(JstError) as caught:
        ask(client)
    said = "\n".join([str(caught.value), repr(caught.value), caplog.text, repr(shop.settings)])
    signs = [form(request)["sign"] for request in shop.requests]
    assert not any(hidden in said for hidden in (SECRET, "access-1", "refresh-1", *signs, "13912345678"))
