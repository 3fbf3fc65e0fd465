"""What a client must say before the embedded ClickHouse hears it: a login that the server accepts, well-formed HTTP.

Whether a login is right the server says itself, over HTTP, where a refusal does not end it.
"""

from __future__ import annotations

import asyncio
import http.client
import re
import struct
import urllib.parse
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass
from functools import partial

from local.services.tcp_proxy import CHUNK, INNER_HOST, Door, Upstream, copy

_PATIENCE_SECONDS = 30.0
_LONGEST_TEXT = 64 * 1024
_HELLO, _EXCEPTION = 0, 2
_HEAD = re.compile(rb"[A-Z]{1,16} (?:[^\s%]|%[0-9A-Fa-f]{2})+ HTTP/1\.[01]\r\n(?:[^\s:]+:[^\r\n]*\r\n)*\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,15}) *\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked *\r\n", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,12})\s*(?:;[^\r\n]*)?\r\n")


class NotTheProtocol(Exception):
    """The client speaks another language, or stops in the middle of its first words."""


@dataclass(frozen=True, slots=True)
class Hello:
    """``raw``: the packet as it came, to be handed on."""

    raw: bytes
    database: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server's code and sentence."""

    code: int
    text: str


def native_door(http_port: int) -> Door:
    """Let in who says a hello with a login, and a database, that the server accepts."""

    async def door(reader: StreamReader, writer: StreamWriter) -> Upstream | None:
        try:
            hello = await asyncio.wait_for(_read_hello(reader), _PATIENCE_SECONDS)
        except (NotTheProtocol, TimeoutError):
            return None
        refusal = await asyncio.to_thread(_refusal, http_port, hello)
        if refusal is None:
            return partial(_begin, hello.raw)
        writer.write(_exception_packet(refusal))
        await writer.drain()
        return None

    return door


async def http_door(reader: StreamReader, writer: StreamWriter) -> Upstream | None:
    """Let in who begins with a request of HTTP."""
    try:
        head = await asyncio.wait_for(_read_head(reader), _PATIENCE_SECONDS)
    except (NotTheProtocol, TimeoutError):
        return None
    return partial(_requests, head)


async def _requests(head: bytes, client: StreamReader, server: StreamWriter) -> None:
    """Carry one request after the other; what is not one ends the connection, and the server sees a clean end."""
    try:
        while True:
            server.write(head)
            await _carry_body(head, client, server)
            head = await _read_head(client)
    except NotTheProtocol:
        return


async def _read_head(client: StreamReader) -> bytes:
    head = await _until(client, b"\r\n\r\n")
    if not _HEAD.fullmatch(head):
        raise NotTheProtocol
    return head


async def _carry_body(head: bytes, client: StreamReader, server: StreamWriter) -> None:
    """Carry as much as the head announces."""
    if length := _LENGTH.search(head):
        await _carry(int(length[1]), client, server)
    size = 1 if _CHUNKED.search(head) else 0
    while size:
        line = await _until(client, b"\r\n")
        if not (chunk := _CHUNK.match(line)):
            raise NotTheProtocol
        server.write(line)
        size = int(chunk[1], 16)
        await _carry(size + len(b"\r\n"), client, server)


async def _carry(size: int, client: StreamReader, server: StreamWriter) -> None:
    while size:
        data = await client.read(min(size, CHUNK))
        if not data:
            raise NotTheProtocol
        server.write(data)
        await server.drain()
        size -= len(data)


async def _until(client: StreamReader, end: bytes) -> bytes:
    try:
        return await client.readuntil(end)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise NotTheProtocol from None


async def _begin(first: bytes, client: StreamReader, server: StreamWriter) -> None:
    server.write(first)
    await copy(client, server)


async def _read_hello(reader: StreamReader) -> Hello:
    """Read type, client's name, its version in three numbers, database, user and password."""
    raw = bytearray()

    async def number() -> int:
        value = 0
        for shift in range(0, 70, 7):
            (byte,) = await _exactly(reader, 1, raw)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise NotTheProtocol

    async def text() -> str:
        size = await number()
        if size > _LONGEST_TEXT:
            raise NotTheProtocol
        return (await _exactly(reader, size, raw)).decode("utf-8", "replace")

    if await number() != _HELLO:
        raise NotTheProtocol
    await text()
    for _ in range(3):
        await number()
    database, user, password = await text(), await text(), await text()
    return Hello(bytes(raw), database, user, password)


async def _exactly(reader: StreamReader, size: int, raw: bytearray) -> bytes:
    try:
        data = await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        raise NotTheProtocol from None
    raw += data
    return data


def _refusal(http_port: int, hello: Hello) -> Refusal | None:
    """Ask for nothing with this login. Raises OSError when the server is away."""
    asked = {"query": "SELECT 1", "user": hello.user, "password": hello.password, "database": hello.database}
    connection = http.client.HTTPConnection(INNER_HOST, http_port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("POST", f"/?{urllib.parse.urlencode(asked)}")
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        code = int(answer.getheader("X-ClickHouse-Exception-Code") or 0)
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
    return Refusal(code, text.strip()) if code else None


def _exception_packet(refusal: Refusal) -> bytes:
    texts = (b"DB::Exception", refusal.text.encode(), b"")
    return b"".join(
        [bytes([_EXCEPTION]), struct.pack("<i", refusal.code), *(_size(text) + text for text in texts), b"\0"]
    )


def _size(text: bytes) -> bytes:
    size, out = len(text), bytearray()
    while size >= 0x80:
        out.append(size & 0x7F | 0x80)
        size >>= 7
    out.append(size)
    return bytes(out)
