"""Live loading, alone and beside as many long queries as 瓴羊BI may run at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_driver.errors import ServerException

from bench.boards.filled_servers import FilledServers

LONG_QUERIES = 20
_LONG = """SELECT shop_name, countIf(sipHash64(io_id, numbers.number) = 1) FROM dws.dws_sale_out
    CROSS JOIN numbers(1000000) AS numbers GROUP BY shop_name"""
"""Takes all the time it is given, and little memory."""


def loads(servers: FilledServers, seconds: float) -> list[float]:
    """Load 30 orders a second for so long; returns the milliseconds of each load."""
    times, until = [], time.monotonic() + seconds
    while (began := time.monotonic()) < until:
        servers.load(30)
        times.append((time.monotonic() - began) * 1000)
        time.sleep(max(0.0, began + 1 - time.monotonic()))
    return times


@contextmanager
def long_queries(servers: FilledServers, number: int = LONG_QUERIES) -> Iterator[None]:
    """Within it 瓴羊BI runs so many queries that state a time-out of ten minutes and use it."""

    ended: list[str] = []

    def ask() -> None:
        with servers.login("lingyang_bi") as client:
            try:
                client.execute(_LONG, settings={"max_execution_time": 600})
            except ServerException as error:
                ended.append(error.message[:300])

    threads = [threading.Thread(target=ask) for _ in range(number)]
    for thread in threads:
        thread.start()
    with servers.login("etl") as etl:
        try:
            while etl.execute("SELECT count() FROM system.processes WHERE user = 'lingyang_bi'") < [(number,)]:
                if ended:
                    raise RuntimeError(ended[0])
                time.sleep(0.1)
            yield
        finally:
            etl.execute("KILL QUERY WHERE user = 'lingyang_bi' SYNC")
            for thread in threads:
                thread.join()
