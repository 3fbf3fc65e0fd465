"""Every bad answer of the gateway is one order, and one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from jst.erp.error_signals import BY_STATUS, harmless, retry_after
from jst.erp.gateway import make_token
from jst.erp.gateway_codes import BY_CODE
from jst.errors import JstError, Misconfigured, Reauthorise, Refused, Retry, Unaccepted
from tests.support.fake_source import NOON, SECRET, error_answer, http_date, page_answer, read


def refused_by(response: httpx.Response, received: datetime = NOON) -> JstError:
    with pytest.raises(JstError) as caught:
        read(response, received=received)
    return caught.value


HTML = "<html><head><style>p{}</style></head><body><h1>502 Bad Gateway</h1>call 13912345678</body></html>"
PLAIN_HTTP = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"
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
    (httpx.Response(200, content=b'{"code":0,"msg":"\xff'), Retry, "坏字符"),
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
    (error_answer(400, 40001, "end_time 早于 start_time"), Unaccepted, "code 40001：end_time 早于 start_time"),
    (
        error_answer(400, 40002, "page_size 最大 25"),
        Misconfigured,
        "每页条数超过接口上限（HTTP 400，code 40002：page_size 最大 25）",
    ),
    (error_answer(404, 40401), Misconfigured, "没有这个接口地址"),
    (httpx.Response(404), Misconfigured, "没有这个接口地址"),
    (error_answer(400, 0, "请求频率超过限制"), Refused, "调用太频繁（HTTP 400：请求频率超过限制）"),
    (httpx.Response(400, html=PLAIN_HTTP), Misconfigured, "只接受 HTTPS（HTTP 400：text/html"),
    (httpx.Response(405, html="很抱歉，由于您访问的URL有可能对网站造成安全威胁"), Misconfigured, "拒绝访问（HTTP 405"),
    (page_answer(issuccess=False, msg="店铺未授权"), Retry, "未知错误码（HTTP 200：店铺未授权）"),
    (page_answer(success="false", datas=[]), Retry, "未知错误码（HTTP 200：issuccess 为 false）"),
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


@pytest.mark.parametrize(
    ("encoded", "kind"),
    [
        (lambda text: b"\xef\xbb\xbf" + text.encode(), "application/json"),
        (lambda text: text.encode("utf-16"), "application/json"),
        (lambda text: text.encode("gbk"), "application/json; charset=gbk"),
        (lambda text: text.encode("gb18030"), 'text/plain; charset="GB18030"'),
        (lambda text: text.encode(), "application/json; charset=gbk"),
        (lambda text: text.encode(), "application/json; charset=no-such"),
    ],
)
def test_bytes_become_text_by_what_the_answer_says(encoded: Callable[[str], bytes], kind: str) -> None:
    body = encoded(page_answer({"io_id": 1, "shop_name": "旗舰店"}).text)
    page = read(httpx.Response(200, content=body, headers={"content-type": kind}))
    assert page.rows == ({"io_id": 1, "shop_name": "旗舰店"},)


@pytest.mark.parametrize("code", [40102, 40103])
@pytest.mark.parametrize(("ours", "says"), [(3600, "快 3600 秒"), (-3600, "慢 3600 秒")])
def test_a_clock_that_is_off_is_named_in_one_sentence(code: int, ours: int, says: str) -> None:
    caught = refused_by(error_answer(401, code), received=NOON + timedelta(seconds=ours))
    assert type(caught) is Misconfigured
    assert str(caught) == (
        f"本机时钟比聚水潭{says}，请求因此不被接受（request_id req-9，请求号 7）。"
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
