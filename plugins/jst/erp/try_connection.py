"""Ask the source for one page per module and say in Chinese what came back; nothing is stored.

``python -m jst.erp.try_connection [module …]`` with AIRFLOW_CONN_JUSHUITAN_DEFAULT, as JSON or as a URI. Airflow is not
needed. In the openapi dialect it takes a new token, which may end the one of a system that runs with the same app_key.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from jst.clock import Clock, SystemClock
from jst.erp.budget import Rate
from jst.erp.call_outcome import Call
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.erp.dialect import Page
from jst.errors import JstError, Misconfigured
from jst.model.module import Module, load_module, module_names
from jst.model.window import Window, floor_second
from jst.model.words import Origin

VARIABLE = "AIRFLOW_CONN_JUSHUITAN_DEFAULT"
LOOK_BACK = timedelta(hours=1)
_ALIKE_SECONDS = 2
"""The Date header has whole seconds, and the answer travels: a smaller difference says nothing."""
Say = Callable[[str], None]


class _OwnPace:
    """The budget of this process alone: a request at a time, spaced as the strictest limit wants it."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._granted = clock, 0

    def wait_for_slot(self, bucket: str, rates: Sequence[Rate], origin: Origin, /) -> int:
        if self._granted:
            self._clock.sleep(max(rate.seconds / rate.requests for rate in rates))
        self._granted += 1
        return self._granted

    def refused(self, bucket: str, after: float, origin: Origin, /) -> None: ...

    def answered(self, call: Call, /) -> None: ...

    def storm(self, bucket: str, /) -> str:
        return ""


def read_settings(text: str) -> Settings:
    """Read a connection as Airflow would, from JSON or a URI; raises Misconfigured without repeating the text."""
    text = text.strip().lstrip("\ufeff")  # a file saved by Windows' editor begins with it
    fields = _from_json(text) if text.startswith("{") else _from_uri(text)
    if fields["conn_type"] != "jushuitan":
        raise Misconfigured("连接的 conn_type 不是 jushuitan", do='写成 "conn_type": "jushuitan"')
    extra = fields["extra"]
    if not isinstance(extra, Mapping):
        raise Misconfigured("聚水潭连接的 extra 不是对象", do='写成 "extra": {"dialect": "gateway"}')
    return Settings.from_connection(
        fields["host"], fields["port"], fields["schema"], fields["login"], fields["password"], extra
    )


def try_connection(
    settings: Settings,
    modules: Sequence[Module],
    say: Say,
    clock: Clock,
    transport: httpx.BaseTransport | None = None,
) -> list[JstError]:
    """Ask for one page of every module and ``say`` a line for each; returns the refusals, each reason once. A source
    that answers nothing is asked for the first module only."""
    say(f"方言 {settings.dialect}，地址 {settings.base_url}")
    refused: dict[str, JstError] = {}
    compared = False
    with Client(settings, _OwnPace(clock), clock, transport=transport) as client:
        for module in map(settings.as_read, modules):
            try:
                page = _first_page(client, module, clock)
            except JstError as error:
                # a wrong secret is refused by every module in the same words
                say(f"✗ {module.title} {module.name}：{'同上' if error.what in refused else error}")
                refused.setdefault(error.what, error)
                if not compared and isinstance(error.__cause__, httpx.HTTPError):
                    say("✗ 源端没有答复，其余模块不再询问")  # each would wait for its time-outs again
                    break
                continue
            if not compared:
                say(_clocks(page, clock))
                compared = True
            say(f"✓ {module.title} {module.name}：{_found(module, page)}")
    return list(refused.values())


def _first_page(client: Client, module: Module, clock: Clock) -> Page:
    if module.listed:
        return client.listing(module, 1, origin="live")
    now, branch = floor_second(clock.now()), _first_warehouse(client, module) if module.per_warehouse else 0
    return client.page(module, Window(now - LOOK_BACK, now), 1, origin="live", branch=branch)


def _first_warehouse(client: Client, module: Module) -> int:
    rows = client.listing(load_module("warehouse"), 1, origin="live").rows
    for row in rows:
        number = str(row.get(module.warehouse_field) or "") if isinstance(row, dict) else ""
        if number.isdecimal():
            return int(number)
    raise Misconfigured(
        "源端没有列出任何仓库，分仓库存无从问起", do="在聚水潭启用仓库，或把连接的 extra.stock 改为 total"
    )


def _clocks(page: Page, clock: Clock) -> str:
    if page.server_time is None:
        return "源端的答复没有 Date：无法比较时钟"
    ahead = round((clock.now() - page.server_time).total_seconds())
    if abs(ahead) <= _ALIKE_SECONDS:
        return f"本机时钟与源端一致（相差不到 {_ALIKE_SECONDS + 1} 秒）"
    return f"本机时钟比源端{'快' if ahead > 0 else '慢'} {abs(ahead)} 秒：校准本机的时钟（NTP）"


def _found(module: Module, page: Page) -> str:
    what = "名单" if module.listed else "最近一小时有变更的"
    total = "总数未给" if page.total is None else f"共 {page.total:,} 条"
    return f"{what}{total}，第一页 {len(page.rows)} 条{'，后面还有' if page.has_next else ''}"


def _from_json(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
        extra = fields.get("extra") or {}
        extra = json.loads(extra) if isinstance(extra, str) else extra
    except ValueError:
        raise Misconfigured(f"环境变量 {VARIABLE} 不是 JSON", do="对照 docs/zh/connecting.md 的样例改正") from None
    names = ("conn_type", "host", "port", "schema", "login", "password")
    return {**{name: fields.get(name) for name in names}, "extra": extra}


def _from_uri(text: str) -> dict[str, Any]:
    """Airflow's form ``jushuitan://https://login:password@host:port/schema?dialect=openapi``, each part URL-encoded."""
    conn_type, _, rest = text.partition("://")
    protocol, _, rest = rest.rpartition("://")
    try:
        parts = urlsplit(f"//{rest}")
        port, query = parts.port, dict(parse_qsl(parts.query, keep_blank_values=True))
        extra = json.loads(query["__extra__"]) if "__extra__" in query else query
    except ValueError:
        raise Misconfigured(
            f"环境变量 {VARIABLE} 不是连接的 URI", do="改用 JSON，对照 docs/zh/connecting.md 的样例"
        ) from None
    host = unquote(parts.hostname or "")
    return {
        "conn_type": conn_type,
        "host": f"{protocol}://{host}" if protocol and host else host,
        "port": port,
        "schema": unquote(parts.path[1:]) or None,
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "extra": extra,
    }


def main(names: Sequence[str]) -> int:
    """Exit status 0 when every module was answered, 1 when one was refused, 2 when the connection cannot be used."""
    try:
        if not os.environ.get(VARIABLE):
            raise Misconfigured(f"没有环境变量 {VARIABLE}", do="对照 docs/zh/connecting.md 的样例设置后再运行")
        settings = read_settings(os.environ[VARIABLE])
        modules = [load_module(name) for name in names or module_names()]
    except JstError as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if try_connection(settings, modules, print, SystemClock()) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
