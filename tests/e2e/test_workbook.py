"""The shops workbook where people keep it: a bad one, a server that is away, and what on-call sees of it."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from jst.control.incidents import Incidents
from jst.errors import JstError, Misconfigured, Retry
from jst.workbook.shops import read_workbook, store_shops
from local.instance import Instance
from local.layout import SANDBOX_WORKBOOK
from tests.support.airflow_command import Airflow
from tests.support.house import House
from tests.support.own_ca import OwnCa
from tests.support.tls_front import TlsFront

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


class Share:
    """A web server that keeps one file, behind a password. ``status``: what it answers to who knows it."""

    def __init__(self) -> None:
        self.status, self.content = 200, SANDBOX_WORKBOOK.read_bytes()
        share = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.headers.get("Authorization") == "Basic ZGF0YTpzZWNyZXQ="  # data:secret
                self.send_response(share.status if known else 401)
                self.end_headers()
                self.wfile.write(share.content)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/team/shops.xlsx?signature=private"

    def edit(self, sheet: str, cell: str, value: Any) -> None:
        book = load_workbook(BytesIO(self.content))
        book[sheet][cell] = value
        written = BytesIO()
        book.save(written)
        self.content = written.getvalue()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def share() -> Iterator[Share]:
    share = Share()
    yield share
    share.close()


def test_a_bad_workbook_changes_nothing_and_is_seen_until_it_is_mended(
    airflow: Airflow, house: House, share: Share, stack: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow.connect(house)
    connection = {"conn_type": "generic", "login": "data", "password": "secret", "extra": {"url": share.url}}
    monkeypatch.setitem(airflow.environment, "AIRFLOW_CONN_SHOPS_WORKBOOK", json.dumps(connection))

    def run() -> str:
        done = airflow.run("tasks", "test", "jst_dimensions", "import_shops")
        return done.stdout + done.stderr

    def shops() -> list[tuple[Any, ...]]:
        return house.rows("SELECT shop_id, shop_name FROM dim.dim_shop FINAL ORDER BY shop_id")

    incidents = Incidents(house.database)
    run()
    good = shops()
    assert len(good) == 12
    share.edit("店铺", "B2", "改了名的店")
    share.edit("费率", "C2", 5)
    share.edit("费率", "B3", "明天")
    said = run()
    assert "工作表“费率”第 2 行“费率”：“5”不对，应为：0 到 1 之间的小数，至多 6 位（5% 写 0.05）" in said
    assert "工作表“费率”第 3 行“生效日期”：“明天”不对" in said
    assert "处理：改正 shops.xlsx" in said
    assert shops() == good
    (standing,) = [each for each in incidents.standing() if each.kind == "shops_workbook"]
    assert standing.module == "shop"
    assert "沿用上一份正确的" in standing.what
    assert "“5”不对" in standing.what
    share.edit("费率", "C2", 0.05)
    share.edit("费率", "B3", "2025-01-01")
    stack.stop("clickhouse")
    try:
        said = run()
        assert "ClickHouse 连不上" in said
        assert "处理：检查 ClickHouse；店铺资料不变，恢复后下一次运行自动导入" in said
    finally:
        stack.start("clickhouse")
    run()
    assert shops() == [(101, "改了名的店"), *good[1:]]
    assert incidents.standing() == []
    assert "private" not in said


def test_without_a_workbook_shops_keep_their_names_and_one_that_is_gone_is_missed(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", os.environ.get("AIRFLOW_HOME", str(tmp_path)))
    from jst.airflow.operators import dimensions

    monkeypatch.setattr(dimensions, "workbook", lambda: None)
    assert dimensions._read(house) is None
    assert Incidents(house.database).standing() == []
    store_shops(house.warehouse, read_workbook(SANDBOX_WORKBOOK))
    with pytest.raises(Misconfigured, match="店铺表不见了，沿用上一份正确的"):
        dimensions._read(house)
    (standing,) = Incidents(house.database).standing()
    assert "shops.example.xlsx" in standing.do


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``at(url)``: what is read when the connection says this address; no connection where there is none."""
    monkeypatch.setenv("AIRFLOW_HOME", os.environ.get("AIRFLOW_HOME", str(tmp_path)))
    from jst.airflow import workbook_source

    def read(url: str | None, login: str | None = "data") -> Any:
        from airflow.sdk import Connection

        extra = json.dumps({"url": url})
        given = Connection(conn_id="shops_workbook", conn_type="generic", login=login, password="secret", extra=extra)
        monkeypatch.setattr(workbook_source, "connection_if_any", lambda _: None if url is None else given)
        return workbook_source.workbook()

    return read


def test_it_is_read_wherever_people_keep_it(at: Callable[..., Any], share: Share) -> None:
    shops = at(str(SANDBOX_WORKBOOK))
    assert len(shops.shops) == 12
    assert at(f"file://{SANDBOX_WORKBOOK}") == at(share.url) == shops
    assert at(None) is None, "no company has one before it has made it"


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("", Misconfigured, "没有写 extra.url"),
        ("/nowhere/shops.xlsx", Misconfigured, "读不到店铺表 /nowhere/shops.xlsx"),
        ("file:///nowhere/shops.xlsx", Misconfigured, "找不到 file:///nowhere/shops.xlsx"),
        ("s3://aws_default@bucket/shops.xlsx", Misconfigured, "没有读取 s3:// 的程序包"),
        ("http://127.0.0.1:9/shops.xlsx", Retry, "取不到 http://127.0.0.1:9/shops.xlsx：ConnectError"),
        (
            "http://data:hidden@127.0.0.1:9/shops.xlsx?x=hidden",
            Retry,
            "取不到 http://127.0.0.1:9/shops.xlsx：ConnectError",
        ),
    ],
)
def test_an_address_that_gives_nothing_is_named(
    at: Callable[..., Any], url: str, kind: type[JstError], said: str
) -> None:
    with pytest.raises(kind, match=said) as refused:
        at(url)
    assert refused.value.do
    assert "hidden" not in str(refused.value)


def test_a_share_behind_a_ca_of_its_own_is_read_when_that_is_known(
    at: Callable[..., Any], share: Share, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = OwnCa(tmp_path)
    front = TlsFront(share.port, ca.of_server())
    url = share.url.replace(f"http://127.0.0.1:{share.port}", f"https://localhost:{front.port}")
    with pytest.raises(Retry, match=r"/team/shops.xlsx 的证书不是由信任的 CA 签发的。处理：.* 环境变量 SSL_CERT_FILE"):
        at(url)
    monkeypatch.setenv("SSL_CERT_FILE", ca.file)
    assert len(at(url).shops) == 12
    front.close()


@pytest.mark.parametrize(("status", "kind"), [(404, Misconfigured), (503, Retry)])
def test_a_server_that_refuses_is_named_without_its_signature(
    at: Callable[..., Any], share: Share, status: int, kind: type[JstError]
) -> None:
    share.status = status
    with pytest.raises(kind, match=f"shops.xlsx 回答 HTTP {status}") as refused:
        at(share.url)
    assert "private" not in "".join(traceback.format_exception(refused.value))
    with pytest.raises(Misconfigured, match="HTTP 401"):
        at(share.url, login=None)
