"""Who is turned away, or speaks another language, does not end the local ClickHouse; who belongs there gets in."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from local.layout import HOST

pytestmark = pytest.mark.clickhouse
Address = dict[str, Any]
TLS_HELLO = bytes.fromhex("16030100c5010000c10303") + bytes(190)
NATIVE_HELLO = b"\0\4test\1\1\xa9\xa8\3\0\3etl\1x"
REQUEST = b"POST /?query=SELECT+1 HTTP/1.1\r\nHost: x\r\n"


def say(port: str, *words: bytes, reset: bool = False) -> Callable[[Address], None]:
    """Connect, say it, and go: with an ordinary end, or with a reset."""

    def said(clickhouse: Address) -> None:
        with socket.create_connection((HOST, clickhouse[port]), 5) as client:
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            for word in words:
                client.sendall(word)
            if not reset:
                client.shutdown(socket.SHUT_WR)
                client.settimeout(5)
                while client.recv(4096):
                    pass

    return said


def login(code: int, **wrong: str) -> Callable[[Address], None]:
    """Log in over the native protocol with something wrong; the refusal is the server's own."""

    def tried(clickhouse: Address) -> None:
        known = {name: clickhouse[name] for name in ("host", "port", "user", "password")}
        with Client(**(known | wrong)) as client, pytest.raises(ServerException) as refused:
            client.execute("SELECT 1")
        assert refused.value.code == code, refused.value.message

    return tried


def over_http(code: int, sql: str, **settings: str) -> Callable[[Address], None]:
    def asked(clickhouse: Address) -> None:
        url = f"http://{HOST}:{clickhouse['http_port']}"
        answer = httpx.post(url, params={"user": "etl", **settings}, content=sql, trust_env=False)
        assert answer.headers["X-ClickHouse-Exception-Code"] == str(code)

    return asked


def too_much_memory(clickhouse: Address) -> None:
    with Client(clickhouse["host"], clickhouse["port"], user="etl", password=clickhouse["password"]) as client:
        with pytest.raises(ServerException) as refused:
            client.execute("SELECT length(range(500000000))")
        assert refused.value.code == 241


TURNED_AWAY = {
    "wrong password": login(516, password="x"),
    "unknown user": login(516, user="stranger"),
    "unknown database": login(81, database="nowhere"),
    "wrong password over HTTP": over_http(516, "SELECT 1", password="x"),
    "HTTP on the native port": say("port", b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"),
    "the native protocol on the HTTP port": say("http_port", NATIVE_HELLO),
    "TLS on the native port": say("port", TLS_HELLO),
    "TLS on the HTTP port": say("http_port", TLS_HELLO),
    "garbage on the native port": say("port", b"\xff" * 64),
    "garbage on the HTTP port": say("http_port", b"\xff" * 64 + b"\r\n\r\n"),
    "a look at the native port": say("port"),
    "a look at the HTTP port": say("http_port"),
    "a look at the native port, with a reset": say("port", reset=True),
    "a look at the HTTP port, with a reset": say("http_port", reset=True),
    "half a hello": say("port", NATIVE_HELLO[:9]),
    "half a hello, with a reset": say("port", NATIVE_HELLO[:9], reset=True),
    "half a request": say("http_port", REQUEST),
    "half a request, with a reset": say("http_port", REQUEST, reset=True),
    "half a body": say("http_port", REQUEST + b"Content-Length: 100\r\n\r\n", b"SELECT"),
    "half a body, with a reset": say("http_port", REQUEST + b"Content-Length: 100\r\n\r\n", b"SELECT", reset=True),
    "a body of broken chunks": say("http_port", REQUEST + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nSELECT\r\n"),
    "a broken address": say("http_port", b"GET /?query=%zz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a head without end": say("http_port", REQUEST + b"X: " + b"x" * 300_000),
    "garbage behind a request": say("http_port", b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n", b"\xff" * 64),
    "a query that needs too much memory": too_much_memory,
}


def test_no_stranger_ends_the_server(clickhouse: Address) -> None:
    with Client(clickhouse["host"], clickhouse["port"], user="etl", password=clickhouse["password"]) as friend:
        born = friend.execute("SELECT now() - uptime()")[0][0]
        for what, knock in TURNED_AWAY.items():
            knock(clickhouse)
            with Client(clickhouse["host"], clickhouse["port"], user="etl", password=clickhouse["password"]) as other:
                since = abs((other.execute("SELECT now() - uptime()")[0][0] - born).total_seconds())
            assert since < 2, f"{what} ended it"
        assert friend.execute("SELECT 1") == [(1,)]


def test_several_requests_share_a_connection(clickhouse: Address) -> None:
    url = f"http://{HOST}:{clickhouse['http_port']}"
    login = {"X-ClickHouse-User": "etl", "X-ClickHouse-Key": clickhouse["password"]}
    with httpx.Client(base_url=url, headers=login, trust_env=False) as client:
        for number in range(3):
            assert client.post("/", content=f"SELECT {number}").text == f"{number}\n"
            chunks = (part.encode() for part in ("SELECT ", str(number), " + 1"))
            assert client.post("/", content=chunks).text == f"{number + 1}\n"
        assert client.get("/", params={"query": "SELECT '100% 中文'"}).text == "100% 中文\n"
        long = "x" * 200_000
        assert client.post("/", content=f"SELECT length('{long}')").text == "200000\n"
