"""Every request is counted once, by how it ended, in the words of its dialect."""

from __future__ import annotations

import httpx
import pytest

from jst.control.api_calls import BUCKETS, bucket_of
from jst.errors import JstError
from tests.support.fake_source import NOON, SALE_OUT, WINDOW, Respond, Source, error_answer, http_date, page_answer

TOKEN = httpx.Response(
    200,
    json={"code": 0, "data": {"access_token": "a" * 32, "refresh_token": "r", "expires_in": 9000}},
    headers={"date": http_date(NOON)},
)
ENDINGS: list[tuple[Respond, tuple[str, str], str]] = [
    (page_answer(), ("ok", "ok"), "gateway"),
    (error_answer(429, 42901), ("http_429", "refused"), "gateway"),
    (error_answer(503, 1), ("http_5xx", "failed"), "gateway"),
    (error_answer(401, 40101), ("code_40101", "failed"), "gateway"),
    (httpx.Response(403, text="no"), ("http_403", "failed"), "gateway"),
    (httpx.Response(200, text='{"code": 0, "datas": [{"io'), ("unreadable", "failed"), "gateway"),
    (page_answer(datas=None), ("unreadable", "failed"), "gateway"),
    (page_answer(success=False), ("unsuccessful", "failed"), "gateway"),
    (httpx.ReadTimeout("slow"), ("timeout", "failed"), "gateway"),
    (httpx.ConnectError("nobody"), ("unreachable", "failed"), "gateway"),
    (httpx.RemoteProtocolError("cut"), ("broken", "failed"), "gateway"),
    (error_answer(200, 199), ("code_199", "refused"), "openapi"),
    (error_answer(200, 200), ("code_200", "refused"), "openapi"),
    (error_answer(200, 200, "参数错误"), ("code_200", "failed"), "openapi"),
    (error_answer(200, 120), ("code_120", "failed"), "openapi"),
]


@pytest.mark.parametrize(("answer", "expected", "dialect"), ENDINGS)
def test_a_request_is_counted_by_how_it_ended(answer: Respond, expected: tuple[str, str], dialect: str) -> None:
    before: list[Respond] = [TOKEN] if dialect == "openapi" else []
    source = Source(*before, answer, dialect=dialect)
    with source.client() as client:
        try:
            client.page(SALE_OUT, WINDOW, 1, origin="live")
        except JstError:
            assert expected[0] != "ok"
    counted = source.budget.calls[len(before) :]
    assert len(source.budget.calls) == len(source.requests), "each request is counted once"
    assert {(call.outcome, call.kind) for call in counted} == {expected}
    assert {(call.module, call.endpoint) for call in counted} == {("sale_out", source.requests[-1].url.path)}
    assert [call.outcome for call in source.budget.calls[: len(before)]] == ["ok"] * len(before), "the token, too"


def test_a_histogram_has_a_place_for_every_duration() -> None:
    durations = [0, 1, 2, 3, 90, 91, 1000, 92_000, 100_000, 10_000_000]
    places = [bucket_of(milliseconds) for milliseconds in durations]
    assert places == [1, 1, 2, 4, 13, 14, 20, 33, BUCKETS, BUCKETS]
    assert all(
        milliseconds <= 2 ** (place / 2) for milliseconds, place in zip(durations[:-1], places[:-1], strict=True)
    )
