"""Requests that say something to people: what left, and what may have left, are never confused."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
import msgspec

from jst.errors import Misconfigured, Refused, Retry

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0
# Their line per request would show the token that is part of a robot's address.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class OutcomeUnknown(Retry):
    """The request left, and whether it was carried out is not known: repeating it may say the same thing twice."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is a JSON object. ``status``: of HTTP, which says little; ``body`` decides."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(repr=False)


class WebPost:
    """Posts to one vendor, called ``name`` in errors. No error shows an address: it holds the token."""

    def __init__(self, name: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._name = name
        self._http = httpx.Client(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            verify=_tls(),
            # a line kept open and closed under us would be an unknown outcome for no reason
            limits=httpx.Limits(max_keepalive_connections=0),
            transport=transport,
        )

    def post(self, url: str, **request: Any) -> Reply:
        """Post once; ``request``: as httpx names it. Raises Retry when nothing left, OutcomeUnknown when it may have,
        Refused when HTTP says too fast, Misconfigured when no JSON comes with a client's error."""
        try:
            answer = self._http.post(url, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise Retry(
                f"连不上{self._name}（{type(error).__name__}），消息没有发出",
                do="检查这台机器到外网的网络与代理；恢复后自动发送",
                after=10.0,
            ) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Misconfigured(f"{self._name}连接的 host 不是一个地址", do="改成 https://域名，端口另填") from None
        except httpx.TransportError as error:
            raise self._unanswered(f"没有等到答复（{type(error).__name__}）") from None
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> Reply:
        if answer.status_code == 429:
            raise Refused(f"{self._name}说发送太快（HTTP 429）", do="稍后自动再发", after=_pause(answer.headers))
        try:
            body = msgspec.json.decode(answer.content)
        except msgspec.DecodeError:
            body = None
        if answer.status_code >= 500 and not isinstance(body, dict):
            raise self._unanswered(f"回答 HTTP {answer.status_code}")
        if not isinstance(body, dict):
            if answer.status_code < 400:
                raise self._unanswered("的答复不是 JSON（中间的代理？）")
            raise Misconfigured(
                f"{self._name}回答 HTTP {answer.status_code}，不是它自己的格式",
                do="检查连接的 host 与中间的代理：这个地址后面不是它",
            )
        return Reply(answer.status_code, body, answer.headers)

    def _unanswered(self, what: str) -> OutcomeUnknown:
        return OutcomeUnknown(f"{self._name}{what}", do="到群里看一眼：没有收到就点“再发一次”", after=30.0)

    def close(self) -> None:
        """Close what is open."""
        self._http.close()


@cache
def _tls() -> ssl.SSLContext:
    """Read the certificates of authorities once a process: that takes longer than a request."""
    return httpx.create_ssl_context()


def _pause(headers: Mapping[str, str]) -> float:
    for name in ("x-ogw-ratelimit-reset", "retry-after"):
        if (text := headers.get(name, "")).isdecimal():
            return max(1.0, float(text))
    return 60.0
