"""TLS before a server that has none: what stands before it decrypts, and the rest is the server's own."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from asyncio import StreamReader, StreamWriter
from threading import Event, Thread


class TlsFront:
    """Listens on ``port`` of 127.0.0.1 and hands on to ``behind``. ``asked_first``: as PostgreSQL has it, where a
    client asks for TLS in eight bytes before it begins."""

    def __init__(self, behind: int, context: ssl.SSLContext, *, asked_first: bool = False) -> None:
        self._behind, self._context, self._asked_first = behind, context, asked_first
        self._listening, self.port = Event(), 0
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._listening.wait(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connection, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _connection(self, reader: StreamReader, writer: StreamWriter) -> None:
        # a client that refuses the certificate goes in the middle of it
        with contextlib.suppress(OSError, EOFError):
            if self._asked_first:
                await reader.readexactly(8)
                writer.write(b"S")
            await writer.start_tls(self._context)
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
            await asyncio.gather(_carry(reader, behind_writer), _carry(behind_reader, writer))
        writer.close()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


async def _carry(source: StreamReader, target: StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()
