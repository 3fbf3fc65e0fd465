"""A TCP proxy in front of the embedded ClickHouse's ports.

The embedded server ends itself when anything goes wrong in a connection's thread outside a query: a client that
disappears with a reset, a login it refuses, bytes that are not its protocol. So a door looks at what a client sends
first, a reset becomes an ordinary end of input, and whatever the server still sends is swallowed.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable

from local.layout import HOST

INNER_HOST = "127.0.0.2"
"""Where the embedded server itself listens: who looks through the ports of 127.0.0.1 does not find it."""
CHUNK = 256 * 1024
Door = Callable[[StreamReader, StreamWriter], Awaitable["Upstream | None"]]
"""Reads a client's first words; returns how to go on towards the server, or None when it has turned the client away."""
Upstream = Callable[[StreamReader, StreamWriter], Awaitable[None]]
"""Carries what a client sends to the server until the client ends or sends what the server must not see."""


async def serve(port: int, door: Door) -> asyncio.Server:
    """Listen on ``port`` and forward the connections that ``door`` lets in to the same port of the embedded server."""

    async def connection(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await _forward(reader, writer, port, door)
        except (OSError, EOFError):  # a client or a server that goes away is no error of ours
            pass
        finally:
            writer.close()

    return await asyncio.start_server(connection, HOST, port, limit=CHUNK, backlog=256)


async def copy(client: StreamReader, server: StreamWriter) -> None:
    """Carry on whatever the client sends."""
    while data := await client.read(CHUNK):
        server.write(data)
        await server.drain()


async def _forward(reader: StreamReader, writer: StreamWriter, port: int, door: Door) -> None:
    upstream = await door(reader, writer)
    if upstream is None:
        return
    from_server, to_server = await asyncio.open_connection(INNER_HOST, port, limit=CHUNK)
    try:
        await asyncio.gather(_upstream(upstream, reader, to_server), _downstream(from_server, writer))
    finally:
        to_server.close()


async def _upstream(upstream: Upstream, client: StreamReader, server: StreamWriter) -> None:
    """Client to server; a reset reaches the server as a clean end."""
    with contextlib.suppress(OSError):
        await upstream(client, server)
    if server.can_write_eof() and not server.is_closing():
        server.write_eof()


async def _downstream(server: StreamReader, client: StreamWriter) -> None:
    """Server to client; goes on reading for a client that is gone, so that the server never writes into a reset."""
    try:
        while data := await server.read(CHUNK):
            if client.is_closing():
                continue
            try:
                client.write(data)
                await client.drain()
            except OSError:
                client.close()
    except OSError:
        pass
    client.close()
