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
from jst.erp.connection_settings import Settings
from jst.erp.gateway import Gateway, keys_question, make_token, window_question
from jst.errors import JstError, Misconfigured
from jst.model.window import Window
from tests.support.fake_source import JSON, NOON, SALE_OUT, SECRET, SKU, WINDOW, FakeClock, page_answer, read


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


@pytest.mark.parametrize("stray", [b'"\xff"', b'"\\ud83d"', b'"a\tb"'], ids=["byte", "half_emoji", "tab"])
def test_one_stray_character_hides_no_other_row(stray: bytes) -> None:
    body = b'{"code":0,"has_next":false,"total":2,"datas":[{"io_id":"a","buyer_message":%s},{"price":99.10}]}' % stray
    page = read(httpx.Response(200, content=body))
    assert len(page.rows) == 2
    assert page.rows[1] == {"price": "99.10"}
