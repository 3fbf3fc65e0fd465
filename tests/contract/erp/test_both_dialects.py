"""The client against the sandbox over a real line: what the unit tests assume of the source is what it does."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from jst.erp.client import Client, Page
from jst.errors import BadRecord, JstError, Misconfigured, Refused, Retry, Unaccepted
from jst.flow.reading.records import read_row
from jst.model.module import Module, load_module, module_names
from tests.support.still_sandbox import StillSandbox, keys_of, week

DIALECTS = ("gateway", "openapi")
SALE_OUT = load_module("sale_out")
MODULES = [load_module(name) for name in module_names()]
WINDOWED = [module for module in MODULES if not module.listed]
LISTED = [module for module in MODULES if module.listed]
FAULTS: list[tuple[str, dict[str, Any], type[JstError], str]] = [
    ("http_500", {}, Retry, "暂时不能服务（HTTP 500"),
    ("http_502_html", {}, Retry, "502 Bad Gateway"),
    ("timeout", {"seconds": 3}, Retry, "1 秒内没有答复"),
    ("drop", {}, Retry, "中途断开"),
    ("truncated_json", {}, Retry, "不是完整的 JSON"),
    ("datas_null", {}, Retry, "datas 为 null，不能当作没有数据"),
    ("missing_datas", {}, Retry, "没有 datas，不能当作没有数据"),
    ("token_expired", {}, Misconfigured, "换了新令牌仍然如此"),
    ("clock_skew", {"seconds": 3600}, Misconfigured, "本机时钟比聚水潭慢 3"),
    ("clock_skew", {"seconds": -3600}, Misconfigured, "本机时钟比聚水潭快 3"),
    ("ip_refused", {}, Misconfigured, "IP 127.0.0.1 不在白名单"),
]
FAULTS_OF: dict[str, list[tuple[str, dict[str, Any], type[JstError], str]]] = {
    "gateway": [("storm_429", {}, Refused, "调用太频繁（HTTP 429，code 42901")],
    "openapi": [
        ("storm_429", {"code": 199}, Refused, "每秒调用次数超限（HTTP 200，code 199"),
        ("storm_429", {"code": 200}, Refused, "每分钟调用次数超限（HTTP 200，code 200"),
        ("internal_error", {}, Retry, "内部处理异常（HTTP 200，code 150"),
        ("inner_code", {}, Retry, "内部处理异常（HTTP 200，code 150"),
        ("permission_refused", {}, Misconfigured, "没有这个接口的权限（HTTP 200，code 190"),
    ],
}
PASSING = ("storm_429", "http_502_html", "drop", "datas_null", "truncated_json")
PASSING_OF: dict[str, tuple[str, ...]] = {"gateway": (), "openapi": ("inner_code",)}
UNDERSTOOD: list[tuple[str, dict[str, Any]]] = [
    ("numbers_as_strings", {}),
    ("unknown_field", {}),
    ("has_next_missing", {}),
    ("total_missing", {}),
]
UNDERSTOOD_OF: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "gateway": [],
    "openapi": [("has_next_odd", {"form": "text"}), ("has_next_odd", {"form": "number"}), ("code_as_string", {})],
}

in_both = pytest.mark.parametrize("dialect", DIALECTS)


def in_each(names: str, cases: Any, cases_of: Any) -> pytest.MarkDecorator:
    """Run with what both dialects know and what each has of its own."""
    wholes = [
        (dialect, *(case if isinstance(case, tuple) else (case,)))
        for dialect in DIALECTS
        for case in chain(cases, cases_of[dialect])
    ]
    return pytest.mark.parametrize(f"dialect, {names}", wholes)


def of_name(module: Module) -> str:
    return module.name


def path_of(dialect: str) -> str:
    return SALE_OUT.endpoint(dialect).path


@in_both
@pytest.mark.parametrize("module", WINDOWED, ids=of_name)
def test_pages_of_a_window_end_where_the_source_says_and_every_row_is_readable(
    client: Client, dialect: str, module: Module
) -> None:
    window, index, keys = week(), 1, set[str]()
    while (page := client.page(module, window, index, origin="live")).has_next:
        keys.update(keys_of(module, page))
        index += 1
    keys.update(keys_of(module, page))
    assert keys
    assert page.total == (len(keys) if module.endpoint(dialect).counts else None)
    assert isinstance(page.server_time, datetime)


@in_both
@pytest.mark.parametrize("module", LISTED, ids=of_name)
def test_a_list_holds_all(sandbox: StillSandbox, client: Client, module: Module) -> None:
    page, index, keys = client.listing(module, 1, origin="refresh"), 1, set[str]()
    keys.update(keys_of(module, page))
    while page.has_next:
        index += 1
        page = client.listing(module, index, origin="refresh")
        keys.update(keys_of(module, page))
    assert len(keys) == len(sandbox.truth(module.name)) > 1


@in_both
@pytest.mark.parametrize("module", WINDOWED, ids=of_name)
def test_records_are_found_by_key(sandbox: StillSandbox, client: Client, dialect: str, module: Module) -> None:
    known = {str(row.get(module.key[0])) for row in map(json.loads, sandbox.truth(module.name))} - {"None"}
    some = sorted(known)[: module.endpoint(dialect).keys_per_request]
    assert sorted(keys_of(module, client.keys(module, some, origin="reconcile"))) == some


@in_both
@pytest.mark.parametrize("form", ["refused", "ignored"])
def test_a_source_without_questions_by_key_says_that_it_does_not_accept_them(
    sandbox: StillSandbox, client: Client, form: str
) -> None:
    sandbox.faults(keys_refused={"form": form})
    with pytest.raises(Unaccepted, match="code"):
        client.keys(SALE_OUT, ["1"], origin="reconcile")
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


@in_each("fault, options, error, says", FAULTS, FAULTS_OF)
def test_each_fault_is_the_error_we_name(
    sandbox: StillSandbox,
    client: Client,
    dialect: str,
    fault: str,
    options: dict[str, Any],
    error: type[JstError],
    says: str,
) -> None:
    sandbox.faults(**{fault: options})
    with pytest.raises(JstError) as caught:
        client.page(SALE_OUT, week(), 1, origin="live")
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert f"模块 sale_out，接口 {path_of(dialect)}" in str(caught.value)


@in_each("fault", PASSING, PASSING_OF)
def test_a_passing_fault_is_passed(sandbox: StillSandbox, client: Client, dialect: str, fault: str) -> None:
    sandbox.faults(**{fault: {"times": 2, "paths": [path_of(dialect)]}})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


@in_both
def test_an_expired_token_is_replaced(sandbox: StillSandbox, client: Client) -> None:
    sandbox.faults(token_expired={"times": 1})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


@in_each("fault, options", UNDERSTOOD, UNDERSTOOD_OF)
def test_what_can_be_understood_is_accepted(
    sandbox: StillSandbox, client: Client, dialect: str, fault: str, options: dict[str, Any]
) -> None:
    sandbox.faults(**{fault: options})
    pages: list[Page] = [client.page(SALE_OUT, week(), 1, origin="live")]
    if dialect == "openapi":
        pages.append(client.since(SALE_OUT, 1, origin="live"))
    for page in pages:
        kept = [read_row(SALE_OUT, row) for row in page.rows]
        assert page.has_next
        assert bool(kept[0].unknown) == (fault == "unknown_field")


@in_both
@pytest.mark.parametrize(
    ("fault", "options", "reason"),
    [
        ("garbled_record", {"form": "text"}, "not_an_object"),
        ("garbled_record", {"form": "qty"}, "bad_type"),
        ("missing_key", {}, "missing_key"),
        ("mixed_line_keys", {}, "mixed_line_keys"),
    ],
)
def test_one_spoilt_record_is_refused_and_the_others_are_kept(
    sandbox: StillSandbox, client: Client, fault: str, options: dict[str, Any], reason: str
) -> None:
    sandbox.faults(**{fault: {"times": 1, **options}})
    reasons = []
    for row in client.page(SALE_OUT, week(), 1, origin="live").rows:
        try:
            read_row(SALE_OUT, row)
        except BadRecord as bad:
            reasons.append(bad.reason)
    assert reasons == [reason]


@in_both
@pytest.mark.parametrize(
    ("changes", "says"),
    [({"app_secret": "wrong-" * 8}, "不认我们的签名"), ({"app_key": "nobody"}, "没有这个 app_key")],
)
def test_wrong_credentials_are_named_and_asked_once(sandbox: StillSandbox, changes: dict[str, str], says: str) -> None:
    before = sandbox.requests()
    with sandbox.client(**changes) as client, pytest.raises(Misconfigured, match=says):
        client.page(SALE_OUT, week(), 1, origin="live")
    assert sandbox.requests() == before + 1


@in_both
def test_a_moved_clock_moves_date_and_stamps_together(dialect: str, tmp_path: Path) -> None:
    """In a shop of its own: nobody else's may run ahead."""
    with closing(StillSandbox(tmp_path, dialect, "--no-quota")) as sandbox, sandbox.client() as client:
        assert_moved_together(sandbox, client)


def assert_moved_together(sandbox: StillSandbox, client: Client) -> None:
    first = client.page(SALE_OUT, week(), 1, origin="live")
    assert first.server_time is not None
    sandbox.forward(5)
    key = keys_of(SALE_OUT, first)[0]
    sandbox.touch("sale_out", key)
    page = client.keys(SALE_OUT, [key], origin="reconcile")
    assert page.server_time is not None
    assert timedelta(seconds=5) <= page.server_time - first.server_time < timedelta(seconds=15)
    (row,) = page.rows
    assert isinstance(row, dict)
    stamp = datetime.fromisoformat(row["modified"]).replace(tzinfo=page.server_time.tzinfo)
    assert abs(stamp - page.server_time) < timedelta(seconds=5)
