"""What only the gateway dialect does, against the sandbox over a real line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jst.erp.client import Client
from jst.errors import Misconfigured, Retry
from jst.model.module import load_module
from local.instance import free_ports
from tests.support.still_sandbox import StillSandbox, week

pytestmark = pytest.mark.parametrize("dialect", ["gateway"])
SALE_OUT = load_module("sale_out")


def test_this_dialect_has_no_cursor(client: Client) -> None:
    with pytest.raises(Misconfigured, match="gateway 方言没有 ts 游标"):
        client.since(SALE_OUT, 1, origin="live")


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


def test_a_sandbox_that_is_gone_is_named(sandbox: StillSandbox) -> None:
    nowhere = f"http://127.0.0.1:{free_ports().erp}"
    with (
        sandbox.client(base_url=nowhere) as client,
        pytest.raises(Retry, match="连不上聚水潭（ConnectError），共试 3 次"),
    ):
        client.page(SALE_OUT, week(), 1, origin="live")
