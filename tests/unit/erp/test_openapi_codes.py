"""Every code of both vendor tables is one order, and one sentence that says what to do."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from jst.erp.openapi_codes import BY_CODE, BY_MESSAGE
from jst.errors import JstError, Misconfigured, Reauthorise, Refused, Retry, Unaccepted
from tests.support.fake_openapi import read
from tests.support.fake_source import NOON, error_answer


def refused_by(response: httpx.Response, received: datetime = NOON) -> JstError:
    with pytest.raises(JstError) as caught:
        read(response, received=received)
    return caught.value


CODES = [
    (10, "无效签名", Misconfigured, "不认我们的签名（HTTP 200，code 10：无效签名）"),
    (120, "签名错误", Misconfigured, "不认我们的签名"),
    (100, "access_token 无效", Reauthorise, "令牌已过期或无效"),
    (100, "", Reauthorise, "令牌已过期或无效"),
    (100, "查询仓位不能为空", Unaccepted, "不接受请求参数（HTTP 200，code 100：查询仓位不能为空）"),
    (10004, "请求频率超过限制，请稍后再试", Refused, "调用太频繁（HTTP 200，code 10004：请求频率超过限制"),
    (10999, "接口限流", Refused, "调用太频繁（HTTP 200，code 10999：接口限流）"),
    (
        110,
        "IP 139.196.112.34 不在白名单",
        Misconfigured,
        "白名单中（HTTP 200，code 110：IP 139.196.112.34 不在白名单）",
    ),
    (130, "参数无法转换", Unaccepted, "不接受请求参数（HTTP 200，code 130：参数无法转换）"),
    (140, "参数不符合规范", Unaccepted, "不接受请求参数"),
    (140, "app_key 不存在", Misconfigured, "没有这个 app_key"),
    (140, "timestamp 相差超过15分钟", Retry, "不接受请求的时间戳"),
    (140, "时间戳无效", Retry, "不接受请求的时间戳"),
    (140, "access_token 参数无效", Reauthorise, "令牌已过期或无效"),
    (150, "内部处理异常", Retry, "内部处理异常"),
    (150, "三方应用不允许刷新token，请商家重新授权", Reauthorise, "不许续期"),
    (160, "内部保存失败", Misconfigured, "保存失败"),
    (170, "店铺编号不存在", Unaccepted, "数据完整性校验失败"),
    (180, "timestamp 无效", Retry, "不接受请求的时间戳"),
    (190, "没有权限", Misconfigured, "没有这个接口的权限"),
    (199, "调用太频繁", Refused, "每秒调用次数超限"),
    (200, "调用频次超过限制", Refused, "每分钟调用次数超限"),
    (200, "", Refused, "每分钟调用次数超限"),
    (200, "参数错误", Unaccepted, "不接受请求参数"),
    (10015, "缺少参数", Unaccepted, "不接受请求参数"),
    (-4, "值超出范围", Unaccepted, "不接受请求参数"),
    (777, "忙", Retry, "未知错误码（HTTP 200，code 777：忙）"),
]


@pytest.mark.parametrize(("code", "msg", "error", "says"), CODES, ids=[f"{code} {msg}" for code, msg, _, _ in CODES])
@pytest.mark.parametrize("spelled", [int, str])
def test_every_code_is_an_order(code: int, msg: str, error: type[JstError], says: str, spelled: type) -> None:
    caught = refused_by(error_answer(200, spelled(code), msg))
    assert type(caught) is error
    assert says in str(caught)
    assert caught.do
    assert (caught.where.ticket, caught.where.request_id) == (7, "req-9")


def test_every_row_of_the_tables_has_its_case() -> None:
    shown = [refused_by(error_answer(200, code, msg)).what for code, msg, _, _ in CODES]
    told = [signal for choices in BY_MESSAGE.values() for _, signal in choices]
    assert {code for code, _, _, _ in CODES} >= BY_CODE.keys()
    assert all(any(what.startswith(signal.what) for what in shown) for signal in (*BY_CODE.values(), *told))


@pytest.mark.parametrize("data", [None, [], {}])
def test_an_error_is_read_whatever_stands_beside_it(data: object) -> None:
    assert isinstance(refused_by(httpx.Response(200, json={"code": 190, "data": data})), Misconfigured)
    assert isinstance(refused_by(httpx.Response(200, json={"code": 190})), Misconfigured)


@pytest.mark.parametrize(
    ("response", "after"),
    [
        (error_answer(200, 199), 1.0),
        (error_answer(200, 199, retry_after="3"), 3.0),
        (error_answer(200, 200), 60.0),
        (error_answer(429, 0), 1.0),
        (error_answer(429, 200, retry_after="7"), 7.0),
    ],
)
def test_how_long_a_refusal_lasts(response: httpx.Response, after: float) -> None:
    caught = refused_by(response)
    assert isinstance(caught, Refused)
    assert caught.after == after


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_broken_server_is_passing_trouble_whatever_it_says(status: int) -> None:
    assert type(refused_by(error_answer(status, 10))) is Retry


@pytest.mark.parametrize(("code", "msg"), [(140, "timestamp 相差超过15分钟"), (180, "说明")])
@pytest.mark.parametrize(("ours", "says"), [(3600, "快 3600 秒"), (-3600, "慢 3600 秒")])
def test_a_clock_that_is_off_is_named_and_not_tried_again(code: int, msg: str, ours: int, says: str) -> None:
    caught = refused_by(error_answer(200, code, msg), received=NOON + timedelta(seconds=ours))
    assert type(caught) is Misconfigured
    assert f"本机时钟比聚水潭{says}，请求因此不被接受" in str(caught)


def test_a_refused_token_has_nothing_to_do_with_the_clock() -> None:
    caught = refused_by(error_answer(200, 100), received=NOON + timedelta(hours=1))
    assert type(caught) is Reauthorise
