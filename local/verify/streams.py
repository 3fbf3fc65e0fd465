"""Line streams over HTTP: the sandbox's truth and ClickHouse's rows, decoded one by one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

import httpx
import msgspec

from local.verify.addresses import Addresses
from local.verify.comparison import Group
from local.verify.problem import CannotCompare
from local.verify.subject import Subject
from local.verify.values import Row

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_SETTINGS = {
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_quote_decimals": "1",
    "output_format_decimal_trailing_zeros": "1",
    # a sort of millions of lines goes to disk instead of past the user's memory limit
    "max_bytes_before_external_sort": "200000000",
}


class Source:
    """The sandbox's control interface."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/sandbox", trust_env=False, timeout=60)

    def close(self) -> None:
        self._http.close()

    def is_frozen(self) -> bool:
        return bool(self._get("health")["frozen"])

    def freeze(self) -> str:
        """Stop the shop's life; returns the source's time, as its rows spell times."""
        with _reachable("沙箱 ERP"):
            self._http.post("/freeze").raise_for_status()
        return str(self._get("health")["time"])

    def newest(self, module: str) -> str:
        """Return the newest modified of a module; '' when it has no rows."""
        return self._get("stats")["newest_modified"][module] or ""

    def truth(self, module: str) -> Generator[Row, None, None]:
        """Every row's full state, by key."""
        with _reachable("沙箱 ERP"), self._http.stream("GET", f"/truth/{module}") as answer:
            answer.raise_for_status()
            for line in _lines(answer):
                yield _decode(line)

    def _get(self, path: str) -> dict[str, Any]:
        with _reachable("沙箱 ERP"):
            answer: dict[str, Any] = self._http.get(path).raise_for_status().json()
            return answer


class Warehouse:
    """ClickHouse over HTTP, as the etl user."""

    def __init__(self, addresses: Addresses) -> None:
        login = {"X-ClickHouse-User": addresses.clickhouse_user, "X-ClickHouse-Key": addresses.clickhouse_password}
        # no compression: both ends are this machine
        headers = {**login, "Accept-Encoding": "identity"}
        self._http = httpx.Client(base_url=addresses.clickhouse, headers=headers, trust_env=False, timeout=120)

    def close(self) -> None:
        self._http.close()

    def rows(self, sql: str) -> Generator[list[Any], None, None]:
        """Streamed; integers as int, decimals and times as text, NULL as None."""
        query = f"{sql} FORMAT JSONCompactEachRow"
        with _reachable("ClickHouse"), self._http.stream("POST", "/", params=_SETTINGS, content=query) as answer:
            if answer.is_error:
                raise _refused(answer.read())
            for line in _lines(answer):
                yield _row(line)

    def records(self, subject: Subject) -> Generator[Group, None, None]:
        """Yield the table's rows, grouped by record, in the order of the key."""
        key, line = (f"toString({name})" for name in (*subject.key, "''")[:2])
        columns = ", ".join([key, line, *subject.columns])
        rows = self.rows(f"SELECT {columns} FROM {subject.table} FINAL ORDER BY {key}, {line}")
        for name, group in groupby(rows, key=itemgetter(0)):
            yield name, [(row[1], tuple(row[2:])) for row in group]


def _row(line: bytes) -> list[Any]:
    try:
        row: list[Any] = _decode(line)
    except msgspec.DecodeError:  # an error in mid-stream comes as text after the last row
        raise _refused(line) from None
    return row


def _lines(answer: httpx.Response) -> Iterator[bytes]:
    rest = b""
    for part in answer.iter_raw():
        *whole, rest = (rest + part).split(b"\n")
        yield from filter(None, whole)
    if rest:
        yield rest


def _refused(said: bytes) -> CannotCompare:
    return CannotCompare(f"ClickHouse 拒绝了查询：{said[:600].decode('utf-8', 'replace').strip()}")


@contextmanager
def _reachable(name: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPStatusError as problem:
        raise CannotCompare(f"{name} 回答 HTTP {problem.response.status_code}（{problem.request.url}）") from problem
    except httpx.HTTPError as problem:
        why = type(problem).__name__
        raise CannotCompare(f"{name} 连不上（{why}）：先运行 make up，或查看 make status") from problem
