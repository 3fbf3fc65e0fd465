"""Questions to ClickHouse as one of its logins, over TCP and over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from clickhouse_driver.errors import ServerException

from tests.support.guarded_clickhouse import Guarded

Ask = Callable[..., list[tuple[Any, ...]]]


class Refused(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def over_tcp(guarded: Guarded, account: str) -> Iterator[Ask]:
    with guarded.as_user(account) as client:

        def ask(sql: str, **settings: Any) -> list[tuple[Any, ...]]:
            try:
                return list(client.execute(sql, settings=settings))
            except ServerException as error:
                raise Refused(error.code) from error

        yield ask


@contextmanager
def over_http(guarded: Guarded, account: str) -> Iterator[Ask]:
    login = {"X-ClickHouse-User": account, "X-ClickHouse-Key": guarded.password(account)}
    with httpx.Client(base_url=guarded.http, headers=login, trust_env=False, timeout=30) as client:

        def ask(sql: str, **settings: Any) -> list[tuple[Any, ...]]:
            answer = client.post("/", params={**settings, "default_format": "JSONCompact"}, content=sql)
            if refused := answer.headers.get("X-ClickHouse-Exception-Code"):
                raise Refused(int(refused))
            return [tuple(row) for row in answer.json()["data"]] if answer.text else []

        yield ask


def code(ask: Ask, sql: str, **settings: Any) -> int:
    """The server's code of a refusal, 0 when it did what it was asked."""
    try:
        ask(sql, **settings)
    except Refused as refused:
        return refused.code
    return 0
