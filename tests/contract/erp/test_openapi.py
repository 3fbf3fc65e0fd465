"""What only the openapi dialect does, against the sandbox over a real line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jst.erp.client import Client
from jst.errors import Misconfigured
from jst.flow.reading.records import ts_of
from jst.model.module import Module, load_module, module_names
from tests.support.still_sandbox import StillSandbox, keys_of, week

pytestmark = pytest.mark.parametrize("dialect", ["openapi"])
MODULES = [load_module(name) for name in module_names()]
CURSORED = [module for module in MODULES if module.endpoint("openapi").cursor]
SALE_OUT, SHOP = load_module("sale_out"), load_module("shop")
PATH = SALE_OUT.endpoint("openapi").path
TOKEN_CALLS = ("/openWeb/auth/getInitToken", "/openWeb/auth/refreshToken")


def of_name(module: Module) -> str:
    return module.name


@pytest.mark.parametrize("module", CURSORED, ids=of_name)
def test_along_the_cursor_every_row_is_met_and_the_last_one_again(
    sandbox: StillSandbox, client: Client, module: Module
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


def test_shops_are_found_by_key(sandbox: StillSandbox, client: Client) -> None:
    known = {str(row.get(SHOP.key[0])) for row in map(json.loads, sandbox.truth("shop"))}
    some = sorted(known)[: SHOP.endpoint("openapi").keys_per_request]
    assert sorted(keys_of(SHOP, client.keys(SHOP, some, origin="reconcile"))) == some


@pytest.mark.parametrize("form", ["list", "absent"])
def test_an_error_is_read_whatever_stands_beside_it(sandbox: StillSandbox, client: Client, form: str) -> None:
    sandbox.faults(error_data={"form": form}, permission_refused={})
    with pytest.raises(Misconfigured, match="没有这个接口的权限"):
        client.page(SALE_OUT, week(), 1, origin="live")


@pytest.mark.parametrize("fault", ["storm_429", "http_502_html", "drop", "datas_null", "inner_code"])
def test_a_passing_fault_is_passed_along_the_cursor_too(sandbox: StillSandbox, client: Client, fault: str) -> None:
    sandbox.faults(**{fault: {"times": 2, "paths": [PATH]}})
    assert client.since(SALE_OUT, 1, origin="live").rows


@pytest.mark.parametrize("fault", ["http_500", "drop", "truncated_json"])
def test_a_passing_fault_of_a_token_call_is_passed(sandbox: StillSandbox, client: Client, fault: str) -> None:
    sandbox.faults(**{fault: {"times": 2, "paths": list(TOKEN_CALLS)}})
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


def test_a_token_somebody_else_made_void_is_replaced(client: Client, sandbox: StillSandbox) -> None:
    """Its refresh token is void as well."""
    assert client.page(SALE_OUT, week(), 1, origin="live").rows
    with sandbox.client() as other:
        sandbox.faults(token_expired={"times": 1})
        assert other.page(SALE_OUT, week(), 1, origin="live").rows
    assert client.page(SALE_OUT, week(), 1, origin="live").rows


def test_a_foreign_parameter_and_path_are_named(client: Client) -> None:
    endpoint = SALE_OUT.endpoint("openapi")
    for foreign, says in (
        (replace(endpoint, cursor="ts"), "不接受请求参数（HTTP 200，code 130"),
        (replace(endpoint, path="/x"), "没有这个接口地址"),
    ):
        with pytest.raises(Misconfigured, match=says):
            client.since(replace(SALE_OUT, dialects={"openapi": foreign}), 1, origin="live")
