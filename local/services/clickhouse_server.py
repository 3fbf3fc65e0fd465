"""The ClickHouse process: libchdb's engine in a thread, the doors of its ports and the stop signal in the main one.

``python -m local.services.clickhouse_server LIBRARY FOLDER NATIVE_PORT HTTP_PORT``
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import threading
import urllib.parse
import urllib.request
from pathlib import Path

from local.services.clickhouse_doors import http_door, native_door
from local.services.tcp_proxy import INNER_HOST, serve

_ENGINE_STACK = 64 * 1024 * 1024
# only the clickhouse-local entry can listen, and it lives as long as its query does
_SERVE = (
    "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; "
    "SELECT sleepEachRow(0.5) FROM system.numbers SETTINGS max_block_size=1, max_execution_time=0 FORMAT Null"
)
_STOP = "KILL QUERY WHERE user = '' AND query LIKE 'SELECT sleepEachRow%' ASYNC"


def main() -> None:
    library, folder = Path(sys.argv[1]), Path(sys.argv[2])
    native_port, http_port = (int(text) for text in sys.argv[3:5])
    asyncio.run(_run(library, folder, native_port, http_port))


async def _run(library: Path, folder: Path, native_port: int, http_port: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: loop.run_in_executor(None, _stop, http_port))
    threading.stack_size(_ENGINE_STACK)
    engine = threading.Thread(
        target=_engine, args=(library, folder, lambda: loop.call_soon_threadsafe(ended.set)), daemon=True
    )
    engine.start()
    threading.stack_size(0)
    doors = [await serve(native_port, native_door(http_port)), await serve(http_port, http_door)]
    await ended.wait()
    for door in doors:
        door.close()


def _engine(library: Path, folder: Path, on_end: object) -> None:
    arguments = [
        "clickhouse",
        f"--config-file={folder / 'config.xml'}",
        f"--path={folder / 'data'}",
        f"--logger.log={folder / 'server.log'}",
        "--log-level=warning",
        f"--query={_SERVE}",
    ]
    encoded = [argument.encode() for argument in arguments]
    array = (ctypes.c_char_p * len(encoded))(*encoded)
    engine = ctypes.CDLL(str(library))
    engine.query_stable_v2.restype = ctypes.c_void_p
    engine.query_stable_v2(len(encoded), array)
    assert callable(on_end)
    on_end()


def _stop(http_port: int) -> None:
    """Ask the engine to end its query; a signal alone would kill it without its shutdown."""
    request = urllib.request.Request(
        f"http://{INNER_HOST}:{http_port}/?" + urllib.parse.urlencode({"query": _STOP}),
        method="POST",
        headers={"X-ClickHouse-User": "ctl", "X-ClickHouse-Key": os.environ["CH_CTL_PASSWORD"]},
    )
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except OSError:
        os._exit(1)


if __name__ == "__main__":
    main()
