"""Say which ClickHouse nodes a connection names, and how to reach each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clickhouse_driver import Client
from clickhouse_driver.connection import Connection

from jst.errors import Misconfigured
from jst.model.connection_extra import meaning_of
from jst.model.tls_refusal import tls_refusal

_ARGUMENTS = {name: each.default for name, each in inspect.signature(Connection).parameters.items()} | {
    "settings": {},
    "round_robin": False,
}
_FILES = ("ca_certs", "certfile", "keyfile")
_ADDRESS = re.compile(r"\(([^()\s]+:\d+)\)$")
"""How the driver ends what it says of a connection."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """The nodes. ``names``: host:port of each node we keep in step, the connection's own first. ``options``: what else
    the driver is given."""

    names: tuple[str, ...]
    options: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Hosts:
        """Read ``options``: arguments of clickhouse_driver.Client, and ``standby``: "host:port", several with commas.

        Raises Misconfigured when a node cannot be read or is named twice, alt_hosts is given beside standby, the driver
        knows no such argument, or a certificate's file is not on this machine.
        """
        rest = {name: _argument(name, value) for name, value in options.items()}
        standby = str(rest.pop("standby", "") or "")
        host, port = rest.pop("host"), rest.pop("port", None) or (9440 if rest.get("secure") else 9000)
        if standby and rest.get("alt_hosts"):
            raise Misconfigured(
                "ClickHouse 连接同时写了 extra.standby 和 extra.alt_hosts",
                do="两个互不复制的节点只写 standby；共享存储的 ClickHouse 才写 alt_hosts",
            )
        names = (f"{host}:{port}", *(_checked(name.strip(), int(port)) for name in standby.split(",") if name.strip()))
        if len(set(names)) < len(names):
            raise Misconfigured("ClickHouse 连接的 extra.standby 里有重复的节点", do="每个节点只写一次，不写 host 自己")
        return cls(names, rest)

    @property
    def alone(self) -> bool:
        """Whether there is one node, or servers of one shared storage, which is the same to us."""
        return len(self.names) == 1

    def client(self, name: str, patience: Mapping[str, int] | None = None, kind: type[Client] = Client) -> Client:
        """Build a client of one node, of class ``kind``; it connects with its first statement."""
        host, _, port = name.rpartition(":")
        return kind(host=host, port=int(port), **{**self.options, **(patience or {})})


def _argument(name: str, value: object) -> Any:
    if name == "standby":
        return value
    if name not in _ARGUMENTS:
        known = "、".join(sorted(set(_ARGUMENTS) - {"host", "port", "user", "password"}))
        raise Misconfigured(f"ClickHouse 连接的 extra.{name} 不认识", do=f"删去它，或改为：{known}、standby")
    if name in _FILES and value and not Path(str(value)).is_file():
        raise Misconfigured(
            f"ClickHouse 连接的 extra.{name} 没有这个文件：{value}", do="每台运行 Airflow 的机器上都要有这个文件"
        )
    return meaning_of(value) if isinstance(_ARGUMENTS[name], bool | int | float | dict) else value


def refused_handshake(said: str) -> tuple[str, str] | None:
    """Return what happened and what to do, when ``said``, the driver's words about a lost connection, is about TLS;
    None when it is not."""
    refusal = tls_refusal(said, "连接 clickhouse_default 的 extra.ca_certs")
    if refusal is None:
        return None
    what, do = refusal
    address = _ADDRESS.search(said)
    return f"ClickHouse{f'（{address[1]}）' if address else ''}{what}", do


def _checked(name: str, port: int) -> str:
    host, colon, text = name.rpartition(":")
    if not colon:
        return f"{name}:{port}"
    if not host or not text.isdecimal():
        raise Misconfigured(f"ClickHouse 连接的 extra.standby 不对：{name}", do='写成 "主机:端口"，多个用逗号隔开')
    return name
