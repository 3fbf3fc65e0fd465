"""What of the public API's answers is believed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jst.errors import JstError, Refused, Retry
from jst.model.module import Endpoint
from tests.support.fake_openapi import read
from tests.support.fake_source import JSON, NOON, http_date


def answer(*rows: object, key: str = "datas", outer: dict[str, Any] | None = None, **changes: Any) -> httpx.Response:
    """A good answer; a change to ``...`` leaves that key out."""
    data: dict[str, Any] = {
        "page_index": 1,
        "page_size": 50,
        "data_count": len(rows),
        "page_count": 1,
        "has_next": False,
    }
    data |= {key: list(rows)}
    kept = {name: value for name, value in {**data, **changes}.items() if value is not ...}
    body = {"code": 0, "msg": "执行成功", "data": kept, "request_id": "req-1", **(outer or {})}
    body = {name: value for name, value in body.items() if value is not ...}
    return httpx.Response(200, json=body, headers={"date": http_date()})


def test_a_page_is_read() -> None:
    page = read(answer({"io_id": 1}, {"io_id": 2}, has_next=True, data_count=130), index=2)
    assert page.rows == ({"io_id": 1}, {"io_id": 2})
    assert (page.index, page.total, page.has_next, page.server_time) == (2, 130, True, NOON)
    assert (page.request_id, page.ticket, page.milliseconds) == ("req-1", 7, 12)


def test_inventory_keeps_its_rows_elsewhere_and_counts_nothing() -> None:
    counted_not: dict[str, Any] = {"data_count": ..., "page_count": ..., "has_next": ...}
    inventory = Endpoint("/x", 2, 5.0, cursor="ts", list_key="inventorys", counts=False)
    page = read(answer({"sku_id": "a"}, key="inventorys", **counted_not), endpoint=inventory)
    assert (len(page.rows), page.total, page.has_next) == (1, None, False)
    full = read(answer({"sku_id": "a"}, {"sku_id": "b"}, key="inventorys", **counted_not), endpoint=inventory)
    assert full.has_next


@pytest.mark.parametrize(
    ("changes", "index", "total", "has_next"),
    [
        ({"has_next": "true"}, 1, 1, True),
        ({"has_next": 1}, 1, 1, True),
        ({"has_next": "False"}, 1, 1, False),
        ({"has_next": ..., "page_count": 3}, 2, 1, True),
        ({"has_next": ..., "page_count": "3"}, 3, 1, False),
        ({"has_next": None, "page_count": ..., "data_count": 51}, 1, 51, True),
        ({"has_next": None, "page_count": ..., "data_count": "50"}, 1, 50, False),
        ({"has_next": ..., "page_count": ..., "data_count": ...}, 1, None, False),
        ({"has_next": ..., "page_count": 0, "data_count": 0}, 1, 0, False),
    ],
)
def test_the_end_is_found_by_whatever_the_answer_says(
    changes: dict[str, Any], index: int, total: int | None, has_next: bool
) -> None:
    page = read(answer({"io_id": 1}, **changes), index)
    assert (page.total, page.has_next) == (total, has_next)


@pytest.mark.parametrize(("rows", "has_next"), [(49, False), (50, True)])
def test_along_the_cursor_counts_are_not_believed(rows: int, has_next: bool) -> None:
    said: dict[str, Any] = {"has_next": ..., "data_count": 0, "page_count": 0}
    page = read(answer(*[{"io_id": 1}] * rows, **said), cursor=5)
    assert (page.total, page.has_next) == (None, has_next)
    assert read(answer(*[{"io_id": 1}] * rows, has_next=False), cursor=5).has_next is False


@pytest.mark.parametrize(
    "changes", [{}, {"datas": None}, {"datas": None, "has_next": ...}, {"datas": None, "data_count": ...}]
)
def test_an_empty_list_or_null_where_the_answer_says_there_is_nothing_is_an_empty_page(changes: dict[str, Any]) -> None:
    page = read(answer(**changes))
    assert (page.rows, page.has_next) == ((), False)


def test_null_never_hides_the_row_whose_ts_was_asked_for() -> None:
    with pytest.raises(Retry, match="datas 为 null，不能当作没有数据"):
        read(answer(datas=None), cursor=5)
    assert read(answer(datas=None), cursor=0).rows == ()


ODD_ANSWERS = [
    (answer(datas=None, data_count=3), "datas 为 null，不能当作没有数据"),
    (answer(datas=None, has_next="true"), "datas 为 null，不能当作没有数据"),
    (answer(datas=None, has_next=..., data_count=...), "datas 为 null，不能当作没有数据"),
    (answer(datas=...), "没有 datas"),
    (answer(datas={"a": 1}), "datas 不是列表"),
    (answer(has_next=True), "是空页，却说还有下一页"),
    (answer(has_next=..., page_count=3), "是空页，却说还有下一页"),
    (answer(data_count="many"), "data_count 不是条数"),
    (answer(data_count=-1), "data_count 不是条数"),
    (answer(outer={"data": None}), "没有 data，"),
    (answer(outer={"data": []}), "没有 data，"),
    (answer(outer={"data": ...}), "没有 data，"),
    (answer(outer={"code": ...}), "没有 code"),
    (answer(code=777, msg="内层"), "未知错误码（HTTP 200，code 777：内层）"),
    (answer(issuccess="false", msg="内层"), "未知错误码（HTTP 200：内层）"),
]


@pytest.mark.parametrize(("response", "says"), ODD_ANSWERS, ids=[says for _, says in ODD_ANSWERS])
def test_what_may_hide_rows_is_no_empty_page(response: httpx.Response, says: str) -> None:
    with pytest.raises(JstError) as caught:
        read(response)
    assert type(caught.value) is Retry
    assert says in str(caught.value)


def test_an_inner_refusal_is_obeyed() -> None:
    with pytest.raises(Refused, match="每秒调用次数超限"):
        read(answer(outer={"code": "0"}, code=199, msg="太快"))


def test_money_stays_exact_text() -> None:
    body = b'{"code":"0","data":{"datas":[{"price":0.10,"big":12345678901234.56}],"has_next":false}}'
    assert read(httpx.Response(200, content=body)).rows == ({"price": "0.10", "big": "12345678901234.56"},)


@given(
    st.sampled_from([200, 200, 200, 400, 401, 404, 429, 500]),
    st.fixed_dictionaries(
        {},
        optional={
            "code": JSON,
            "msg": JSON,
            "request_id": JSON,
            "data": JSON
            | st.fixed_dictionaries(
                {},
                optional=dict.fromkeys(
                    ["datas", "has_next", "data_count", "page_count", "code", "msg", "issuccess"], JSON
                ),
            ),
        },
    ).map(lambda body: json.dumps(body).encode()),
    st.sampled_from([None, 0, 5]),
)
def test_any_answer_gives_a_page_or_one_of_our_errors(status: int, body: bytes, cursor: int | None) -> None:
    try:
        page = read(httpx.Response(status, content=body), cursor=cursor)
    except JstError:
        return
    assert status == 200
    assert isinstance(page.rows, tuple)
    assert page.rows or not page.has_next


def test_no_clock_of_the_source_is_needed() -> None:
    response = answer({"io_id": 1})
    response.headers.pop("date")
    assert read(response, received=NOON + timedelta(hours=3)).server_time is None
