"""A TCP proxy in front of the embedded ClickHouse's native port.

The embedded server aborts when a native client disappears with a reset. Here a reset becomes an ordinary
end of input for the server, and whatever the server still sends is swallowed.
"""

from __future__ import annotations

import asyncio

_CHUNK = 256 * 1024


async def serve(host: str, port: int, inner_port: int) -> asyncio.Server:
    """Listen on ``port`` and forward every connection to ``inner_port`` of the same host."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _forward(reader, writer, host, inner_port)

    return await asyncio.start_server(connection, host, port, limit=_CHUNK, backlog=256)


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, inner_port: int) -> None:
    try:
        from_server, to_server = await asyncio.open_connection(host, inner_port, limit=_CHUNK)
    except OSError:
        writer.close()
        return
    try:
        await asyncio.gather(_upstream(reader, to_server), _downstream(from_server, writer))
    finally:
        for end in (writer, to_server):
            end.close()


async def _upstream(client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
    """Client to server; a reset reaches the server as a clean end."""
    try:
        while data := await client.read(_CHUNK):
            server.write(data)
            await server.drain()
    except OSError:
        pass
    if server.can_write_eof() and not server.is_closing():
        server.write_eof()


async def _downstream(server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    """Server to client; goes on reading for a client that is gone, so that the server never writes into a reset."""
    try:
        while data := await server.read(_CHUNK):
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
