"""What is sent to the gateway, and what of its answers is believed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jst.clock import SHANGHAI
from jst.erp.dialect import Answer, Page
from jst.erp.gateway import Gateway, keys_question, make_token, read_page, window_question
from jst.erp.settings import Settings
from jst.erp.signals import BY_CODE, BY_STATUS, harmless, retry_after
from jst.errors import JstError, Misconfigured, Reauthorise, Refused, Retry
from jst.flow.window import Window
from tests.unit.erp.fakes import NOON, SALE_OUT, SECRET, SKU, WINDOW, FakeClock, error_answer, http_date, page_answer


def read(response: httpx.Response, index: int = 1, received: datetime = NOON) -> Page:
    answer = Answer(response.status_code, response.headers, response.content, received, ticket=7, milliseconds=12)
    return read_page(answer, index, size=25, list_key="datas", secret=SECRET)


def refused_by(response: httpx.Response, received: datetime = NOON) -> JstError:
    with pytest.raises(JstError) as caught:
        read(response, received=received)
    return caught.value


def test_a_window_is_asked_for_without_a_status() -> None:
    window = Window(datetime(2025, 9, 16, tzinfo=SHANGHAI), datetime(2025, 9, 16, 1, 2, 3, tzinfo=SHANGHAI))
    assert window_question(SALE_OUT, window, 3) == {
        "page_index": 3,
        "page_size": 25,
        "start_time": "2025-09-16 00:00:00",
        "end_time": "2025-09-16 01:02:03",
        "date_type": 0,
    }
    assert window_question(SALE_OUT, Window(window.start, window.end, "io_date"), 1)["date_type"] == 2


def test_a_module_without_io_date_is_only_asked_by_modified() -> None:
    assert "date_type" not in window_question(SKU, WINDOW, 1)
    with pytest.raises(Misconfigured, match="io_date"):
        window_question(SKU, Window(WINDOW.start, WINDOW.end, "io_date"), 1)


def test_records_are_asked_for_by_key() -> None:
    assert keys_question(SALE_OUT, ["a", "b"])["io_ids"] == ["a", "b"]
    assert keys_question(SKU, ["a"])["sku_ids"] == ["a"]


def test_a_token_holds_the_claims_and_lives_at_most_ten_minutes() -> None:
    token = make_token("app", SECRET, "order_out_query", NOON)
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims == {
        "app_key": "app",
        "scope": "order_out_query",
        "iat": int(NOON.timestamp()) - 30,
        "exp": int(NOON.timestamp()) + 570,
    }


def test_a_token_is_used_again_until_shortly_before_its_end() -> None:
    clock = FakeClock()
    gateway = Gateway(Settings("https://erp.example.com", "app", SECRET), clock)

    def token() -> str:
        return gateway.sealed(SALE_OUT, {}).headers["Authorization"]

    first = token()
    clock.sleep(470)
    assert token() == first
    clock.sleep(20)
    second = token()
    assert second != first
    clock.sleep(5)
    gateway.renew(SALE_OUT)
    assert token() != second
    assert gateway.sealed(SKU, {}).headers["Authorization"] != token()


def test_a_page_is_read() -> None:
    page = read(page_answer({"io_id": 1}, {"io_id": 2}, has_next=True, total=30), index=2)
    assert page.rows == ({"io_id": 1}, {"io_id": 2})
    assert (page.index, page.total, page.has_next, page.server_time) == (2, 30, True, NOON)
    assert (page.request_id, page.ticket, page.milliseconds) == ("req-1", 7, 12)
    assert page.server_time is not None
    assert page.server_time.utcoffset() == timedelta(hours=8)


def test_money_stays_exact_text() -> None:
    body = b'{"code":0,"datas":[{"price":0.10,"paid":99.00,"big":12345678901234.56}],"has_next":false,"total":1}'
    assert read(httpx.Response(200, content=body)).rows == (
        {"price": "0.10", "paid": "99.00", "big": "12345678901234.56"},
    )


def test_an_unreadable_row_does_not_spoil_its_page() -> None:
    assert read(page_answer({"io_id": 1}, "garbled 13912345678", None)).rows == (
        {"io_id": 1},
        "garbled 13912345678",
        None,
    )


@pytest.mark.parametrize(
    ("changes", "total", "has_next"),
    [
        ({"has_next": True}, 1, True),
        ({"has_next": "true"}, 1, True),
        ({"has_next": 1}, 1, True),
        ({"has_next": "1"}, 1, True),
        ({"has_next": "False"}, 1, False),
        ({"has_next": 0}, 1, False),
        ({"has_next": ..., "total": 26}, 26, True),
        ({"has_next": None, "total": 25}, 25, False),
        ({"has_next": "?", "total": "26"}, 26, True),
        ({"total": "8520"}, 8520, False),
        ({"total": 12.0}, 12, False),
        ({"total": ...}, None, False),
        ({"total": None}, None, False),
        ({"code": "0"}, 1, False),
    ],
)
def test_spellings_of_an_envelope_that_are_accepted(changes: dict[str, Any], total: int | None, has_next: bool) -> None:
    page = read(page_answer({"io_id": 1}, **changes))
    assert (page.total, page.has_next) == (total, has_next)


def test_an_empty_list_is_an_empty_page() -> None:
    page = read(page_answer())
    assert (page.rows, page.total, page.has_next) == ((), 0, False)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": "Tue, 16 Sep 2025 04:00:00"}])
def test_a_source_without_a_clock_still_answers(headers: dict[str, str]) -> None:
    body = {"code": 0, "datas": [], "has_next": False, "total": 0}
    assert read(httpx.Response(200, json=body, headers=headers)).server_time is None


HTML = "<html><head><style>p{}</style></head><body><h1>502 Bad Gateway</h1>call 13912345678</body></html>"
TRUNCATED = b'{"code":0,"datas":[{"io_id":1,"receiver_name":"Tom","receiver_mobile":"139123'

BAD_ANSWERS = [
    (page_answer(datas=None), Retry, "datas 为 null，不能当作没有数据"),
    (page_answer(datas=...), Retry, "没有 datas，不能当作没有数据"),
    (page_answer(datas={"a": 1}), Retry, "datas 不是列表"),
    (page_answer(total="many"), Retry, "total 不是条数"),
    (page_answer(total=-1), Retry, "total 不是条数"),
    (page_answer(has_next=..., total=...), Retry, "既没有 has_next 也没有 total"),
    (page_answer(code=...), Retry, "没有 code"),
    (page_answer(code=True), Retry, "没有 code"),
    (page_answer(code=777, msg="忙"), Retry, "未知错误码（HTTP 200，code 777：忙）"),
    (httpx.Response(200, html=HTML), Retry, "text/html; charset=utf-8，开头：502 Bad Gateway"),
    (httpx.Response(502, html=HTML), Retry, "HTTP 502：text/html"),
    (httpx.Response(200, content=TRUNCATED, headers={"content-type": "application/json"}), Retry, "77 字节，中途断开"),
    (httpx.Response(200, content=b""), Retry, "0 字节"),
    (httpx.Response(200, content=b"[" * 100_000), Retry, "100000 字节"),
    (httpx.Response(200, content=b'{"code":0,"msg":"\xff"}'), Retry, "坏字符"),
    (httpx.Response(200, json=[1]), Retry, "不是完整的 JSON"),
    (error_answer(500, 1), Retry, "暂时不能服务（HTTP 500，code 1：说明）"),
    (error_answer(503, 0), Retry, "HTTP 503：说明"),
    (error_answer(429, 42901), Refused, "调用太频繁（HTTP 429，code 42901：说明）"),
    (error_answer(200, 42901), Refused, "调用太频繁"),
    (httpx.Response(429, html=HTML), Refused, "调用太频繁（HTTP 429"),
    (error_answer(401, 40101), Misconfigured, "不认我们的签名（HTTP 401，code 40101：说明）"),
    (error_answer(401, "40101"), Misconfigured, "不认我们的签名"),
    (error_answer(401, 40102), Reauthorise, "令牌已过期"),
    (error_answer(401, 40103), Misconfigured, "不接受令牌里的时间"),
    (error_answer(401, 40104), Misconfigured, "没有这个 app_key"),
    (httpx.Response(401), Reauthorise, "令牌已过期或无效（HTTP 401"),
    (error_answer(403, 40301, "IP 139.196.112.34 不在白名单"), Misconfigured, "IP 139.196.112.34 不在白名单"),
    (error_answer(403, 40302), Misconfigured, "没有这个接口的权限"),
    (httpx.Response(403, html=HTML), Misconfigured, "拒绝访问"),
    (error_answer(400, 40001, "end_time 早于 start_time"), Misconfigured, "code 40001：end_time 早于 start_time"),
    (
        error_answer(400, 40002, "page_size 最大 25"),
        Misconfigured,
        "每页条数超过接口上限（HTTP 400，code 40002：page_size 最大 25）",
    ),
    (error_answer(404, 40401), Misconfigured, "没有这个接口地址"),
    (httpx.Response(404), Misconfigured, "没有这个接口地址"),
    (httpx.Response(302, headers={"location": "https://login.example.com/?token=x"}), Misconfigured, "重定向"),
]


@pytest.mark.parametrize(("response", "error", "says"), BAD_ANSWERS, ids=[says for _, _, says in BAD_ANSWERS])
def test_every_bad_answer_is_an_order(response: httpx.Response, error: type[JstError], says: str) -> None:
    caught = refused_by(response)
    assert type(caught) is error
    assert says in str(caught)
    assert caught.do
    assert caught.where.ticket == 7
    assert not any(shown in str(caught) for shown in ("Tom", "139123", "token=x"))


def test_every_row_of_the_tables_has_its_case() -> None:
    shown = {str(refused_by(response).what) for response, error, _ in BAD_ANSWERS if error is not Retry}
    for signal in (*BY_CODE.values(), *BY_STATUS.values()):
        assert issubclass(signal.error, Retry) or any(what.startswith(signal.what) for what in shown)


@pytest.mark.parametrize("code", [40102, 40103])
@pytest.mark.parametrize(("ours", "says"), [(3600, "快 3600 秒"), (-3600, "慢 3600 秒")])
def test_a_clock_that_is_off_is_named_in_one_sentence(code: int, ours: int, says: str) -> None:
    caught = refused_by(error_answer(401, code), received=NOON + timedelta(seconds=ours))
    assert type(caught) is Misconfigured
    assert str(caught) == (
        f"本机时钟比聚水潭{says}，令牌因此不被接受（request_id req-9，请求号 7）。"
        "处理：在运行 Airflow 的机器上校准时钟（NTP），然后清除失败的任务"
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 1.0), ("0", 1.0), ("7", 7.0), ("2.5", 2.5), ("soon", 1.0), ("-4", 1.0), ("999999999", 3600.0)],
)
def test_retry_after_in_seconds(text: str, seconds: float) -> None:
    assert retry_after(httpx.Headers({"retry-after": text}), NOON) == seconds
    refused = refused_by(error_answer(429, 42901, retry_after=text))
    assert isinstance(refused, Refused)
    assert refused.after == seconds


def test_retry_after_as_a_date_is_counted_on_the_sources_clock() -> None:
    headers = httpx.Headers({"date": http_date(NOON), "retry-after": http_date(NOON + timedelta(seconds=9))})
    assert retry_after(headers, NOON + timedelta(hours=1)) == 9.0


def test_foreign_words_lose_secrets_tokens_and_phone_numbers_before_they_are_shown() -> None:
    token = make_token("app", SECRET, "x", NOON)
    shown = harmless(f"10.20.30.40\x00{SECRET} Bearer {token} 139 1234 5678 {token[:20]} 2025-09-16 12:00:00", SECRET)
    assert shown == "10.20.30.40 ［密钥］ Bearer ［令牌］ ［电话］ ［令牌］ 2025-09-16 12:00:00"
    assert len(harmless("x" * 1000, SECRET)) == 80


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda deep: st.lists(deep, max_size=3) | st.dictionaries(st.text(max_size=3), deep, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from([200, 200, 200, 302, 400, 401, 403, 404, 418, 429, 500]),
    st.binary(max_size=60)
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["code", "datas", "has_next", "total", "request_id", "msg"], JSON)
    ).map(lambda body: json.dumps(body).encode()),
    st.dictionaries(st.sampled_from(["date", "retry-after", "content-type"]), st.text(max_size=30)),
)
def test_any_answer_gives_a_page_or_one_of_our_errors(status: int, body: bytes, headers: dict[str, str]) -> None:
    spelled = {name: value.encode() for name, value in headers.items()}
    try:
        page = read(httpx.Response(status, content=body, headers=spelled))  # type: ignore[arg-type]
    except JstError:
        return
    assert status == 200
    assert isinstance(page.rows, tuple)
