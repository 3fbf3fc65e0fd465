"""The client against the sandbox over a real line: what the unit tests assume of the source is what it does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from jst.clock import SystemClock
from jst.erp.client import Client, Rate
from jst.erp.settings import Settings
from jst.errors import BadRecord, JstError, Misconfigured, Refused, Retry
from jst.flow.records import keep
from jst.flow.window import Window, floor_second
from jst.spec import load_module
from local.instance import free_ports

SECRET = "contract-secret-0123456789abcdefg"
SALE_OUT = load_module("sale_out")
SKU = load_module("sku")


class Spaced:
    """Grants 12 requests a second, below the sandbox's tightest quota for sale-outs."""

    def __init__(self) -> None:
        self.tickets = 0

    def take(self, bucket: str, rates: Sequence[Rate], origin: str, /) -> int:
        SystemClock().sleep(1 / 12)
        self.tickets += 1
        return self.tickets

    def refused(self, bucket: str, after: float, /) -> None: ...


class Impatient(SystemClock):
    """The real time, but nobody waits between tries."""

    def sleep(self, seconds: float) -> None: ...


class Sandbox:
    """A sandbox that stands still and holds some orders and SKUs."""

    def __init__(self, data: Path) -> None:
        self.url = f"http://127.0.0.1:{free_ports().erp}"
        self.http = httpx.Client(base_url=self.url, trust_env=False)
        command = [sys.executable, "-m", "local.sandbox", "--port", self.url.rpartition(":")[2], "--data", str(data)]
        self.process = subprocess.Popen(
            [*command, "--skus", "120"], env={**os.environ, "JST_ERP_SECRET": SECRET}, stdout=subprocess.DEVNULL
        )
        self._until(lambda: self.http.get("/sandbox/health").raise_for_status())
        self._until(self._has_orders)
        self.http.post("/sandbox/freeze").raise_for_status()

    def _until(self, check: Any) -> None:
        patience = Retrying(
            stop=stop_after_delay(15),
            wait=wait_fixed(0.1),
            retry=retry_if_exception_type((httpx.HTTPError, LookupError)),
        )
        patience(check)

    def _has_orders(self) -> None:
        if self.http.get("/sandbox/stats").json()["rows"]["sale_out"] < 30:
            raise LookupError

    def faults(self, **faults: dict[str, Any]) -> None:
        self.http.put("/sandbox/faults", json=faults).raise_for_status()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.http.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("erp"))
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


def settings(sandbox: Sandbox, **changes: Any) -> Settings:
    made = Settings.from_connection(sandbox.url, None, None, "sandbox_app", SECRET, {"timeout_seconds": 1})
    return replace(made, **changes)


def week() -> Window:
    now = floor_second(SystemClock().now())
    return Window(now - timedelta(days=7), now)


def test_pages_end_where_the_source_says_and_every_row_is_readable(client: Client) -> None:
    for module in (SALE_OUT, SKU):
        window, index, keys = week(), 1, set[str]()
        while True:
            page = client.page(module, window, index, origin="live")
            keys |= {keep(module, row).key for row in page.rows}
            if not page.has_next:
                break
            index += 1
        assert page.total == len(keys) > 25
        assert isinstance(page.server_time, datetime)


def test_records_are_found_by_key(client: Client) -> None:
    for module in (SALE_OUT, SKU):
        some = sorted(keep(module, row).key for row in client.page(module, week(), 1, origin="live").rows)[:3]
        found = client.keys(module, some, origin="reconcile").rows
        assert sorted(keep(module, row).key for row in found) == some


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
    kept = [keep(SALE_OUT, row) for row in page.rows]
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
            keep(SALE_OUT, row)
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
