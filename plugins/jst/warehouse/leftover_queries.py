"""Find and kill what a dead holder of the load lock may have left running on the server."""

from __future__ import annotations

import logging
import re

from clickhouse_driver import Client

log = logging.getLogger(__name__)
_OURS = re.compile(r"jst-(?P<module>[a-z_]+)-(?P<number>\d+)-")


def query_name(module: str, number: int, unique: str) -> str:
    """Name the query id under which the holder number ``number`` of the module's lock writes."""
    return f"jst-{module}-{number}-{unique}"


def kill_older(client: Client, module: str, number: int) -> list[str]:
    """Kill the module's writes of holders before ``number`` and wait until they are gone; returns their query ids.

    Without this, a widen whose task was killed could finish after its successor and put older lines back.
    """
    running = client.execute("SELECT query_id FROM system.processes WHERE query_id LIKE %(like)s", {"like": "jst-%"})
    older = [
        query_id
        for (query_id,) in running
        if (match := _OURS.match(query_id)) and match["module"] == module and int(match["number"]) < number
    ]
    for query_id in older:
        log.warning("上一个装载任务被杀后仍有语句 %s 在运行，先终止它", query_id)
        client.execute("KILL QUERY WHERE query_id = %(query_id)s SYNC", {"query_id": query_id})
    return older
