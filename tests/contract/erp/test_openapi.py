"""The openapi dialect against the sandbox over a real line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from jst.erp.client import Client, Page
from jst.errors import BadRecord, JstError, Misconfigured, Refused, Retry
from jst.flow.reading.records import read_row, ts_of
from jst.model.module import Module, load_module, module_names
from tests.support.clocks import Impatient
from tests.support.still_sandbox import Sandbox, Spaced, settings, week

MODULES = [load_module(name) for name in module_names()]
WINDOWED = [module for module in MODULES if not module.listed]
CURSORED = [module for module in MODULES if module.endpoint("openapi").cursor]
LISTED = [module for module in MODULES if module.listed]
SALE_OUT, SHOP = load_module("sale_out"), load_module("shop")
PATH = SALE_OUT.endpoint("openapi").path
TOKEN_CALLS = ("/openWeb/auth/getInitToken", "/openWeb/auth/refreshToken")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    data = tmp_path_factory.mktemp("erp")
    sandbox = Sandbox(data, "--dialect", "openapi", "--no-quota", "--history-days", "1", "--history-per-hour", "20")
    yield sandbox
    sandbox.close()


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.faults()
    return running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with speaking(sandbox) as client:
        yield client


def speaking(sandbox: Sandbox, **changes: Any) -> Client:
    return Client(settings(sandbox, "openapi", **changes), Spaced(0), Impatient())


def keys_of(module: Module, page: Page) -> list[str]:
    return [read_row(module, row, page.server_time).key for row in page.rows]


def names(module: Module) -> str:
    return module.name


@pytest.mark.parametrize("module", WINDOWED, ids=names)
def test_pages_of_a_window_end_where_the_source_says_and_every_row_is_readable(client: Client, module: Module) -> None:
    window, index, keys = week(), 1, set[str]()
    while (page := client.page(module, window, index, origin="live")).has_next:
        keys.update(keys_of(module, page))
        index += 1
    keys.update(keys_of(module, page))
    assert keys
    assert page.total == (len(keys) if module.endpoint("openapi").counts else None)
    assert page.server_time is not None


@pytest.mark.parametrize("module", CURSORED, ids=names)
def test_along_the_cursor_every_row_is_met_and_the_last_one_again(
    sandbox: Sandbox, client: Client, module: Module
) -> None:
    ts, keys = 0, set[str]()
    while True:
        page = client.since(module, ts, origin="live")
        seen = [ts_of(row) or 0 for row in page.rows]
        assert seen == sorted(seen)
        assert page.total is None
        keys.update(keys_of(module, page))
        ts = seen[-1]
        if not page.has_next:
            break
    assert len(keys) == len(sandbox.truth(module.name))
    again = client.since(module, ts, origin="live")
    assert [ts_of(row) for row in again.rows] == [ts]
    sandbox.touch(module.name, min(keys))
    changed = client.since(module, ts, origin="live")
    assert keys_of(module, changed)[-1] == min(keys)


@pytest.mark.parametrize("module", LISTED, ids=names)
def test_a_list_holds_all(sandbox: Sandbox, client: Client, module: Module) -> None:
    page, index, keys = client.listing(module, 1, origin="refresh"), 1, set[str]()
    keys.update(keys_of(module, page))
    while page.has_next:
        index += 1
        page = client.listing(module, index, origin="refresh")
        keys.update(keys_of(module, page))
    assert len(keys) == len(sandbox.truth(module.name)) > 1


@pytest.mark.parametrize("module", [*WINDOWED, SHOP], ids=names)
def test_records_are_found_by_key(sandbox: Sandbox, client: Client, module: Module) -> None:
    known = {str(row.get(module.key[0])) for row in map(json.loads, sandbox.truth(module.name))} - {"None"}
    some = sorted(known)[: module.endpoint("openapi").keys_per_request]
    assert sorted(keys_of(module, client.keys(module, some, origin="reconcile"))) == some


@pytest.mark.parametrize(
    ("fault", "options", "error", "says"),
    [
        ("storm_429", {"code": 199}, Refused, "每秒调用次数超限（HTTP 200，code 199"),
        ("storm_429", {"code": 200}, Refused, "每分钟调用次数超限（HTTP 200，code 200"),
        ("internal_error", {}, Retry, "内部处理异常（HTTP 200，code 150"),
        ("inner_code", {}, Retry, "内部处理异常（HTTP 200，code 150"),
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
        ("permission_refused", {}, Misconfigured, "没有这个接口的权限（HTTP 200，code 190"),
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
    assert f"模块 sale_out，接口 {PATH}" in str(caught.value)


@pytest.mark.parametrize("form", ["list", "absent"])
def test_an_error_is_read_whatever_stands_beside_it(sandbox: Sandbox, client: Client, form: str) -> None:
    sandbox.faults(error_data={"form": form}, permission_refused={})
    with pytest.raises(Misconfigured, match="没有这个接口的权限"):
        client.page(SALE_OUT, week(), 1, origin="live")


@pytest.mark.parametrize("fault", ["storm_429", "http_502_html", "drop", "datas_null", "inner_code"])
def test_a_passing_fault_is_passed(sandbox: Sandbox, client: Client, fault: str) -> None:
    sandbox.faults(**{fault: {"times": 2, "paths": [PATH]}})
    assert client.since(SALE_OUT, 1, origin="live").rows
    sandbox.faults(**{fault: {"times": 2, "paths": [PATH]}})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


@pytest.mark.parametrize("fault", ["http_500", "drop", "truncated_json"])
def test_a_passing_fault_of_a_token_call_is_passed(sandbox: Sandbox, client: Client, fault: str) -> None:
    sandbox.faults(**{fault: {"times": 2, "paths": list(TOKEN_CALLS)}})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


def test_an_expired_token_is_replaced(sandbox: Sandbox, client: Client) -> None:
    sandbox.faults(token_expired={"times": 1})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


def test_a_token_somebody_else_made_void_is_replaced(client: Client, sandbox: Sandbox) -> None:
    """Its refresh token is void as well."""
    assert client.page(SALE_OUT, week(), 1, origin="live").rows
    with speaking(sandbox) as other:
        sandbox.faults(token_expired={"times": 1})
        assert other.page(SALE_OUT, week(), 1, origin="live").rows
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("numbers_as_strings", {}),
        ("unknown_field", {}),
        ("has_next_missing", {}),
        ("has_next_odd", {"form": "text"}),
        ("has_next_odd", {"form": "number"}),
        ("total_missing", {}),
        ("code_as_string", {}),
    ],
)
def test_what_can_be_understood_is_accepted(
    sandbox: Sandbox, client: Client, fault: str, options: dict[str, str]
) -> None:
    sandbox.faults(**{fault: options})
    pages = (client.page(SALE_OUT, week(), 1, origin="live"), client.since(SALE_OUT, 1, origin="live"))
    for page in pages:
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
    before = requests(sandbox)
    with speaking(sandbox, **changes) as client, pytest.raises(Misconfigured, match=says):
        client.page(SALE_OUT, week(), 1, origin="live")
    assert requests(sandbox) == before + 1


def requests(sandbox: Sandbox) -> int:
    return sum(sum(answers.values()) for answers in sandbox.stats()["requests"].values())


def test_a_foreign_parameter_and_path_are_named(client: Client) -> None:
    endpoint = SALE_OUT.endpoint("openapi")
    for foreign, says in (
        (replace(endpoint, cursor="ts"), "不接受请求参数（HTTP 200，code 130"),
        (replace(endpoint, path="/x"), "没有这个接口地址"),
    ):
        with pytest.raises(Misconfigured, match=says):
            client.since(replace(SALE_OUT, dialects={"openapi": foreign}), 1, origin="live")
