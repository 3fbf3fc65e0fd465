"""TLS by a connection's settings alone: what is right gets an answer, what is wrong one sentence without a secret."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from jst.backup.__main__ import node_of_environment
from jst.clock import SystemClock
from jst.control.database import Database
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.errors import JstError, Misconfigured, Retry
from jst.ledger.english import HAN, english
from jst.model.module import load_module
from jst.warehouse.cluster import Untrusted, open_warehouse, translate_errors
from jst.warehouse.hosts import Hosts
from tests.support.fake_source import SECRET, page_answer
from tests.support.own_ca import OwnCa
from tests.support.still_sandbox import Granting, week
from tests.support.tls_front import TlsFront

UNKNOWN_CA = "的证书不是由信任的 CA 签发的"
NOT_VERIFIED = "的证书没有通过校验"
OTHER_NAME = "的证书上没有这个主机名"
NO_TLS = "没有用 TLS 答复"
NO_CA = "的 CA 证书文件读不到"
EXPIRED = "的证书不在有效期内"
MENDED_BY = {
    UNKNOWN_CA: "把签发它的 CA 的证书文件写进 ",
    NOT_VERIFIED: "连接 jst_ops 的 extra.sslrootcert 是签发它的 CA 的证书文件",
    OTHER_NAME: "连接的 host 写证书上的名字",
    NO_TLS: "核对端口",
    NO_CA: "核对 连接 jst_ops 的 extra.sslrootcert",
    EXPIRED: "请管理员换证书",
}
Front = Callable[..., int]


@pytest.fixture(scope="session")
def front(ca: OwnCa) -> Iterator[Front]:
    """Put TLS before a port; returns the port to connect to."""
    made = list[TlsFront]()

    def before(port: int, *, asked_first: bool = False, until: datetime | None = None) -> int:
        made.append(TlsFront(port, ca.of_server(until=until), asked_first=asked_first))
        return made[-1].port

    yield before
    for each in made:
        each.close()


def says(error: JstError, address: str, sentence: str, secret: str) -> None:
    """Names the server with its address, and what to do; no secret, and all of it in English, too."""
    assert error.what.removesuffix("，共试 1 次") == f"{address}{sentence}"
    assert MENDED_BY[sentence] in error.do
    assert secret not in str(error)
    assert not HAN.search(english(error.what) + english(error.do)), "add it to include/config/english.yaml"


@pytest.mark.postgres
def test_postgres_verify_full(postgres_dsn: str, front: Front, ca: OwnCa, other_ca: OwnCa) -> None:
    place = parse_dsn(postgres_dsn)
    good = {**place, "host": "localhost", "sslmode": "verify-full", "sslrootcert": ca.file}
    good["port"] = str(front(int(place["port"]), asked_first=True))
    with Database(make_dsn(**good), patience=5.0) as database:
        assert database.rows("SELECT ssl_is_there FROM (SELECT 1 AS ssl_is_there) AS x") == [(1,)]
        assert database.connected().info.ssl_in_use

    expired = front(int(place["port"]), asked_first=True, until=datetime.now(UTC) - timedelta(hours=1))
    for wrong, sentence in (
        ({"sslrootcert": other_ca.file}, NOT_VERIFIED),
        ({"host": "127.0.0.1"}, OTHER_NAME),
        ({"port": expired}, NOT_VERIFIED),
        ({"port": place["port"]}, NO_TLS),
        ({"sslrootcert": "/no/such/ca.pem"}, NO_CA),
    ):
        began = SystemClock().monotonic()
        with Database(make_dsn(**{**good, **wrong}), patience=30.0) as database, pytest.raises(Retry) as caught:
            database.rows("SELECT 1")
        at = {"host": good["host"], "port": good["port"], **wrong}
        says(caught.value, f"PostgreSQL（{at['host']}:{at['port']}）", sentence, place["password"])
        assert SystemClock().monotonic() - began < 10, "waiting mends no certificate"


@pytest.mark.clickhouse
def test_clickhouse_secure(
    clickhouse: dict[str, Any], front: Front, ca: OwnCa, other_ca: OwnCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = {"user": clickhouse["user"], "password": clickhouse["password"]}
    good = {**login, "host": "localhost", "port": front(clickhouse["port"]), "secure": True, "ca_certs": ca.file}

    def ask(**changes: Any) -> Any:
        hosts = Hosts.from_options({**good, **changes})
        with closing(_Disconnected(open_warehouse(hosts, lambda: pytest.fail("one node")))) as warehouse:
            return warehouse.node.execute("SELECT currentUser()")

    assert ask() == [("etl",)]
    for name in ("host", "port", "user", "password"):
        monkeypatch.setenv(f"JST_CLICKHOUSE_{name.upper()}", str(good[name]))
    monkeypatch.setenv("JST_CLICKHOUSE_EXTRA", json.dumps({"secure": True, "ca_certs": ca.file}))
    with node_of_environment() as node:
        assert node.execute("SELECT currentUser()") == [("etl",)]

    expired = front(clickhouse["port"], until=datetime.now(UTC) - timedelta(hours=1))
    for wrong, sentence in (
        ({"ca_certs": other_ca.file}, UNKNOWN_CA),
        ({"host": "127.0.0.1"}, OTHER_NAME),
        ({"port": expired}, EXPIRED),
    ):
        with pytest.raises(Untrusted) as caught, translate_errors("查询", away="", refused=""):
            ask(**wrong)
        at = {**good, **wrong}
        says(caught.value, f"ClickHouse（{at['host']}:{at['port']}）", sentence, login["password"])


class _Disconnected:
    def __init__(self, node: Any) -> None:
        self.node = node

    def close(self) -> None:
        self.node.disconnect()


@pytest.fixture(scope="module")
def plain_source() -> Iterator[int]:
    """The port of a source that answers one empty page, whoever asks."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = page_answer().content
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_the_source_behind_a_ca_of_its_own(plain_source: int, front: Front, ca: OwnCa, other_ca: OwnCa) -> None:
    port = front(plain_source)
    good = Settings.from_connection(
        f"https://localhost:{port}", None, None, "app", SECRET, {"verify": ca.file, "timeout_seconds": 5}
    )

    def ask(**changes: Any) -> Any:
        with Client(replace(good, **changes), Granting(), SystemClock()) as client:
            return client.page(load_module("sale_out"), week(), 1, origin="live")

    assert ask().total == 0
    for wrong, sentence in (
        ({"verify": other_ca.file}, UNKNOWN_CA),
        ({"verify": True}, UNKNOWN_CA),
        ({"base_url": f"https://127.0.0.1:{port}"}, OTHER_NAME),
        ({"base_url": f"https://localhost:{plain_source}"}, NO_TLS),
    ):
        with pytest.raises(Misconfigured) as caught:
            ask(**wrong)
        at = str({"base_url": good.base_url, **wrong}["base_url"]).removeprefix("https://")
        says(caught.value, f"聚水潭（{at}）", sentence, SECRET)
