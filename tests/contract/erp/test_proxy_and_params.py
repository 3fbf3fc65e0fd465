"""A company whose contract has a fixed outgoing address, and one whose contract needs a parameter more."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx
import pytest

from jst.erp.connection_settings import DIALECTS
from jst.errors import Misconfigured, Retry
from jst.model.module import load_module
from local.instance import free_ports
from tests.support.still_sandbox import StillSandbox, week

ORDERS = load_module("sale_out")
pytestmark = pytest.mark.parametrize("dialect", DIALECTS)


class Proxy(ThreadingHTTPServer):
    """Hands requests on and keeps them: URL and body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hands)
        self.passed: list[tuple[str, bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Hands(BaseHTTPRequestHandler):
    server: Proxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.passed.append((self.path, body))
        answer = httpx.post(self.path, content=body, headers=dict(self.headers), trust_env=False)
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy
        proxy.shutdown()


def test_every_request_goes_through_the_proxy(sandbox: StillSandbox, proxy: Proxy) -> None:
    with sandbox.client(proxy=proxy.url) as client:
        assert client.listing(load_module("warehouse"), 1, origin="live").rows
    assert {url.startswith(sandbox.url) for url, _ in proxy.passed} == {True}


def test_a_proxy_that_is_away_is_named(sandbox: StillSandbox) -> None:
    nobody = f"http://someone:hidden@127.0.0.1:{free_ports().erp}"
    with sandbox.client(proxy=nobody) as client, pytest.raises(Retry, match=r"连不上代理.*extra\.proxy") as caught:
        client.listing(load_module("warehouse"), 1, origin="live")
    assert "hidden" not in str(caught.value)


def test_what_the_contract_asks_for_is_sent(sandbox: StillSandbox, proxy: Proxy) -> None:
    asks = {"sale_out": {"is_offline_shop": True}}
    # the stand-in of the public API knows no such parameter and says so
    with sandbox.client(proxy=proxy.url, params=asks) as client, suppress(Misconfigured):
        client.page(ORDERS, week(), 1, origin="live")
    assert sent(proxy)["is_offline_shop"] is True


def test_what_decides_completeness_stays_ours(sandbox: StillSandbox) -> None:
    mine = sandbox.client(params={"sale_out": {"page_size": 10}})
    with mine as client, pytest.raises(Misconfigured, match=r"extra\.params\.sale_out\.page_size 与完整性有关"):
        client.page(ORDERS, week(), 1, origin="live")


def sent(proxy: Proxy) -> dict[str, object]:
    body = proxy.passed[-1][1].decode()
    return dict(json.loads(body if body.startswith("{") else parse_qs(body)["biz"][0]))
