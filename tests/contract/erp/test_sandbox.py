"""The client against the sandbox over a real line: what the unit tests assume of the source is what it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from jst.erp.client import Client
from jst.errors import BadRecord, JstError, Misconfigured, Refused, Retry
from jst.flow.reading.records import read_row
from jst.model.module import Module, load_module, module_names
from local.instance import free_ports
from tests.support.clocks import Impatient
from tests.support.still_sandbox import Sandbox, Spaced, settings, week

SALE_OUT = load_module("sale_out")
SKU = load_module("sku")
MODULES = [load_module(name) for name in module_names()]
WINDOWED = [module for module in MODULES if not module.listed]
LISTED = [module for module in MODULES if module.listed]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("erp"), "--history-days", "1", "--history-per-hour", "20")
    yield sandbox
    sandbox.close()


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.faults()
    return running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(settings(sandbox), Spaced(), Impatient()) as client:
        yield client


def names(module: Module) -> str:
    return module.name


@pytest.mark.parametrize("module", WINDOWED, ids=names)
def test_pages_end_where_the_source_says_and_every_row_is_readable(client: Client, module: Module) -> None:
    window, index, keys = week(), 1, set[str]()
    while True:
        page = client.page(module, window, index, origin="live")
        keys |= {read_row(module, row).key for row in page.rows}
        if not page.has_next:
            break
        index += 1
    assert page.total == len(keys) > 0
    assert isinstance(page.server_time, datetime)


@pytest.mark.parametrize("module", LISTED, ids=names)
def test_a_list_holds_all(sandbox: Sandbox, client: Client, module: Module) -> None:
    page = client.listing(module, 1, origin="refresh")
    keys = {read_row(module, row, page.server_time).key for row in page.rows}
    assert page.has_next or len(keys) == len(sandbox.truth(module.name)) > 1


@pytest.mark.parametrize("module", WINDOWED, ids=names)
def test_records_are_found_by_key(client: Client, module: Module) -> None:
    some = sorted(read_row(module, row).key for row in client.page(module, week(), 1, origin="live").rows)[:3]
    found = client.keys(module, some, origin="reconcile").rows
    assert sorted(read_row(module, row).key for row in found) == some


def test_this_dialect_has_no_cursor(client: Client) -> None:
    with pytest.raises(Misconfigured, match="gateway 方言没有 ts 游标"):
        client.since(SALE_OUT, 1, origin="live")


@pytest.mark.parametrize(
    ("fault", "options", "error", "says"),
    [
        ("storm_429", {}, Refused, "调用太频繁（HTTP 429，code 42901"),
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
    ],
)
def test_each_fault_is_the_error_we_name(
    sandbox: Sandbox, client: Client, fault: str, options: dict[str, Any], error: type[JstError], says: str
) -> None:
    sandbox.faults(**{fault: options})
    with pytest.raises(JstError) as caught:
        client.page(SALE_OUT, week(), 1, origin="live")
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert "模块 sale_out，接口 /open/orders/out/simple/query" in str(caught.value)


@pytest.mark.parametrize("fault", ["storm_429", "http_502_html", "drop", "datas_null", "truncated_json"])
def test_a_passing_fault_is_passed(sandbox: Sandbox, client: Client, fault: str) -> None:
    sandbox.faults(**{fault: {"times": 2}})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


def test_an_expired_token_is_replaced(sandbox: Sandbox, client: Client) -> None:
    sandbox.faults(token_expired={"times": 1})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


@pytest.mark.parametrize("fault", ["numbers_as_strings", "unknown_field", "has_next_missing", "total_missing"])
def test_what_can_be_understood_is_accepted(sandbox: Sandbox, client: Client, fault: str) -> None:
    sandbox.faults(**{fault: {}})
    page = client.page(SALE_OUT, week(), 1, origin="live")
    kept = [read_row(SALE_OUT, row) for row in page.rows]
    assert page.has_next
    assert bool(kept[0].unknown) == (fault == "unknown_field")


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
    sandbox: Sandbox, client: Client, fault: str, options: dict[str, Any], reason: str
) -> None:
    sandbox.faults(**{fault: {"times": 1, **options}})
    reasons = []
    for row in client.page(SALE_OUT, week(), 1, origin="live").rows:
        try:
            read_row(SALE_OUT, row)
        except BadRecord as bad:
            reasons.append(bad.reason)
    assert reasons == [reason]


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"app_secret": "wrong-" * 8}, "不认我们的签名"), ({"app_key": "nobody"}, "没有这个 app_key")],
)
def test_wrong_credentials_are_named_and_asked_once(sandbox: Sandbox, changes: dict[str, str], says: str) -> None:
    budget = Spaced()
    with Client(settings(sandbox, **changes), budget, Impatient()) as client, pytest.raises(Misconfigured, match=says):
        client.page(SALE_OUT, week(), 1, origin="live")
    assert budget.tickets == 1


def test_too_large_a_page_and_a_foreign_scope_and_path_are_named(client: Client) -> None:
    endpoint = SALE_OUT.endpoint("gateway")
    for changes, says in (
        ({"page_size": 50}, "每页条数超过接口上限"),
        ({"scope": "inventory_query"}, "没有这个接口的权限"),
        ({"path": "/open/nowhere"}, "没有这个接口地址"),
    ):
        module = replace(SALE_OUT, dialects={"gateway": replace(endpoint, **changes)})
        with pytest.raises(Misconfigured, match=says):
            client.page(module, week(), 1, origin="live")


def test_a_sandbox_that_is_gone_is_named(sandbox: Sandbox) -> None:
    nowhere = settings(sandbox, base_url=f"http://127.0.0.1:{free_ports().erp}")
    with (
        Client(nowhere, Spaced(), Impatient()) as client,
        pytest.raises(Retry, match="连不上聚水潭（ConnectError），共试 3 次"),
    ):
        client.page(SALE_OUT, week(), 1, origin="live")
