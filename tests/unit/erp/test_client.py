"""Tries, pauses, tickets and the final sentences that on-call reads."""

from __future__ import annotations

import json
import logging
import ssl
from datetime import timedelta

import httpx
import pytest

from jst.erp.client import Rate
from jst.errors import JstError, Misconfigured, Refused, Retry
from jst.model.window import Window
from tests.support.fake_source import NOON, SALE_OUT, SECRET, SKU, WINDOW, Source, error_answer, page_answer

PATH = "/open/orders/out/simple/query"
PLACE = f"模块 sale_out，接口 {PATH}，窗口 [2025-09-16 11:55:00 → 2025-09-16 12:00:00] modified，页 2"


def test_a_page_is_asked_for_with_a_ticket_and_a_token(caplog: pytest.LogCaptureFixture) -> None:
    source = Source(page_answer({"io_id": 1}))
    with caplog.at_level(logging.DEBUG), source.client() as client:
        page = client.page(SALE_OUT, WINDOW, 2, origin="live")
    assert page.rows == ({"io_id": 1},)
    assert source.budget.taken == [(PATH, (Rate(15, 1),), "live")]
    assert str(source.requests[0].url) == f"https://erp.example.com{PATH}"
    assert json.loads(source.requests[0].content)["page_index"] == 2
    lines = [record.getMessage() for record in caplog.records if record.name == "jst.erp.client"]
    assert lines == [f"{PLACE}：1 行，总数 1，request_id req-1，请求号 1，0 ms"]


def test_records_are_asked_for_by_key() -> None:
    source = Source(page_answer({"sku_id": "a"}))
    with source.client() as client:
        assert len(client.keys(SKU, ["a", "b"], origin="reconcile").rows) == 1
        assert json.loads(source.requests[0].content)["sku_ids"] == ["a", "b"]
        with pytest.raises(ValueError, match="1 to 50 keys"):
            client.keys(SKU, [], origin="reconcile")
        with pytest.raises(ValueError, match="not 51"):
            client.keys(SKU, ["a"] * 51, origin="reconcile")


def test_a_contract_with_another_quota_replaces_the_specs() -> None:
    source = Source(page_answer(), quotas={"sale_out": 3.5})
    with source.client() as client:
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert source.budget.taken == [(PATH, (Rate(3.5, 1),), "live")]


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("gone"),
        httpx.ConnectError("refused"),
        page_answer(datas=None),
        error_answer(429, 42901),
    ],
)
def test_passing_trouble_is_tried_again_with_a_new_ticket_after_one_and_two_seconds(trouble: httpx.Response) -> None:
    source = Source(trouble, trouble, page_answer({"io_id": 1}))
    with source.client() as client:
        page = client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert source.clock.slept == [1.0, 2.0]
    assert page.ticket == 3


@pytest.mark.parametrize(
    ("trouble", "error", "what"),
    [
        (httpx.ReadTimeout("slow"), Retry, "聚水潭 20 秒内没有答复（ReadTimeout），共试 3 次"),
        (httpx.ConnectError("no route"), Retry, "连不上聚水潭（ConnectError），共试 3 次"),
        (httpx.ReadError("reset"), Retry, "与聚水潭的连接中途断开（ReadError），共试 3 次"),
        (error_answer(500, 5), Retry, "聚水潭暂时不能服务（HTTP 500，code 5：说明），共试 3 次"),
        (error_answer(429, 42901), Refused, "聚水潭说调用太频繁（HTTP 429，code 42901：说明），共试 3 次"),
    ],
)
def test_after_three_tries_the_error_says_what_where_and_what_to_do(
    trouble: httpx.Response, error: type[Retry], what: str
) -> None:
    source = Source(trouble)
    with source.client() as client, pytest.raises(Retry) as caught:
        client.page(SALE_OUT, WINDOW, 2, origin="live")
    assert type(caught.value) is error
    named = "，request_id req-9" if isinstance(trouble, httpx.Response) else ""
    assert str(caught.value).startswith(f"{what}（{PLACE}{named}，请求号 3）。处理：系统会自动")
    assert len(source.requests) == 3


def test_the_first_try_that_fails_is_reported_before_it_is_repeated() -> None:
    """With time-outs the third may fail minutes after the first: on-call sees trouble at the first."""
    source, reported = Source(httpx.ReadTimeout("slow"), page_answer()), list[tuple[str, str, int]]()
    with source.client() as client:
        client.on_failed_try = lambda error: reported.append((error.server, error.what, len(source.clock.slept)))
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert reported == [("聚水潭", "聚水潭 20 秒内没有答复（ReadTimeout）", 0)]


def test_every_refusal_is_told_to_the_budget_and_retry_after_is_obeyed() -> None:
    refusal = error_answer(429, 42901, retry_after="5")
    source = Source(refusal, error_answer(503, 1, retry_after="4"), refusal)
    with source.client() as client, pytest.raises(Refused) as caught:
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert source.clock.slept == [5.0, 4.0]
    assert source.budget.refusals == [(PATH, 5.0), (PATH, 5.0)]
    assert caught.value.after == 5.0


def test_a_pause_too_long_to_sit_through_is_handed_to_the_caller() -> None:
    source = Source(error_answer(429, 42901, retry_after="300"))
    with source.client() as client, pytest.raises(Refused) as caught:
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert source.clock.slept == []
    assert source.budget.refusals == [(PATH, 300.0)]
    assert caught.value.after == 300.0


def test_an_expired_token_is_replaced_at_once() -> None:
    source = Source(page_answer(), error_answer(401, 40102), page_answer({"io_id": 1}))
    with source.client() as client:
        client.page(SALE_OUT, WINDOW, 1, origin="live")
        source.clock.sleep(1)
        assert client.page(SALE_OUT, WINDOW, 1, origin="live").rows
    assert source.tokens[0] == source.tokens[1] != source.tokens[2]
    assert source.clock.slept == [1]  # only our own
    assert [ticket for ticket, _ in enumerate(source.budget.taken, 1)] == [1, 2, 3]


def test_a_token_that_is_never_taken_is_a_matter_for_a_person() -> None:
    source = Source(error_answer(401, 40102))
    with source.client() as client, pytest.raises(Misconfigured) as caught:
        client.page(SALE_OUT, WINDOW, 2, origin="live")
    assert len(source.requests) == 2
    assert "换了新令牌仍然如此" in str(caught.value)
    assert f"（{PLACE}，request_id req-9，请求号 2）" in str(caught.value)


def test_trouble_after_a_new_token_is_still_tried_again() -> None:
    source = Source(error_answer(401, 40102), error_answer(502, 0), page_answer({"io_id": 1}))
    with source.client() as client:
        assert client.page(SALE_OUT, WINDOW, 1, origin="live").rows
    assert source.clock.slept == [1.0]


@pytest.mark.parametrize("code", [40101, 40103, 40104, 40301, 40302, 40001, 40002, 40401])
def test_what_only_a_person_can_mend_is_asked_once(code: int) -> None:
    source = Source(error_answer(code // 100, code))
    with source.client() as client, pytest.raises(Misconfigured) as caught:
        client.page(SALE_OUT, WINDOW, 2, origin="live")
    assert len(source.requests) == 1
    assert f"code {code}：说明" in str(caught.value)
    assert f"（{PLACE}，request_id req-9，请求号 1）。处理：" in str(caught.value)


@pytest.mark.parametrize("code", [40102, 40103])
def test_a_clock_off_by_an_hour_is_one_sentence_and_one_request(code: int) -> None:
    source = Source(error_answer(401, code, date=NOON + timedelta(hours=1)))
    with source.client() as client, pytest.raises(Misconfigured, match="本机时钟比聚水潭慢 3600 秒"):
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert len(source.requests) == 1


def test_a_window_over_seven_days_is_never_asked_for() -> None:
    source = Source(page_answer())
    with source.client() as client:
        client.page(SALE_OUT, Window(NOON - timedelta(days=7), NOON), 1, origin="backfill")
        with pytest.raises(Misconfigured, match=r"窗口超过 7 天.*模块 sale_out.*处理：把窗口切成"):
            client.page(SALE_OUT, Window(NOON - timedelta(days=7, seconds=1), NOON), 1, origin="backfill")
    assert len(source.requests) == len(source.budget.taken) == 1


def test_a_certificate_that_cannot_be_checked_is_not_tried_again() -> None:
    problem = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed")
    problem.__cause__ = ssl.SSLCertVerificationError()
    source = Source(problem)
    said = "的证书没有通过校验.*处理：核对三件事：聚水潭连接的 extra.verify"
    with source.client() as client, pytest.raises(Misconfigured, match=said):
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert len(source.requests) == 1


def test_redirects_are_not_followed() -> None:
    source = Source(httpx.Response(302, headers={"location": "https://elsewhere.example.com/"}))
    with source.client() as client, pytest.raises(Misconfigured, match="重定向"):
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    assert len(source.requests) == 1


def test_neither_secret_nor_token_is_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    """The source repeats everything it was sent, and everything it should not know."""

    def echo(request: httpx.Request) -> httpx.Response:
        return error_answer(502, 1, f"{SECRET} {request.headers['authorization']} 13912345678")

    def page_of_echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html=f"<p>{request.headers['authorization']} {SECRET}</p>")

    source = Source(echo, page_of_echo, httpx.ReadError("gone"))
    with caplog.at_level(logging.DEBUG), source.client() as client, pytest.raises(JstError) as caught:
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    said = "\n".join([str(caught.value), repr(caught.value), caplog.text, repr(source.settings)])
    assert "第 2 次没有成功，2 秒后再试" in said
    assert not any(hidden in said for hidden in (SECRET, *source.tokens, source.tokens[0][:12], "13912345678"))


def test_what_a_task_spent_is_told_with_its_share_of_the_contract() -> None:
    source = Source(page_answer(), error_answer(429, 42901), page_answer(), quotas={"sale_out": 10})
    client = source.client()
    for _ in range(2):
        client.page(SALE_OUT, WINDOW, 1, origin="live")
    source.clock.sleep(0.5)
    assert client.describe_spending(SALE_OUT) == "额度：本任务 3 次请求，平均等 0.00 秒，占合同额度 20%，被拒 1 次"
