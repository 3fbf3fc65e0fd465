"""Ask ClickHouse, the sandbox and Airflow during a measurement; all of it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import msgspec

from local.airflow_api import AirflowApi
from local.verify.subject import Subject
from local.verify.values import Unreadable, moment

# One thread and no entry in the query log: the look must not be what it measures.
_CHEAP = {"max_threads": "1", "log_queries": "0", "default_format": "TSV"}


@dataclass(frozen=True, slots=True)
class Activity:
    """Runs by "dag state"; those of them that began in the period by dag; task instances by "dag.task state"."""

    runs: Counter[str]
    begun: Counter[str]
    tasks: Counter[str]


class Endpoints:
    """Built from the ``JST_…`` variables of ``make env``; raises httpx errors when one of them is away."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        login = {
            "X-ClickHouse-User": environment["JST_CLICKHOUSE_USER"],
            "X-ClickHouse-Key": environment["JST_CLICKHOUSE_PASSWORD"],
        }
        self._clickhouse = _http(environment["JST_CLICKHOUSE_HTTP"], login)
        self._erp = _http(f"{environment['JST_ERP_URL']}/sandbox", {})
        self._airflow = AirflowApi.of(environment)

    def close(self) -> None:
        for client in (self._clickhouse, self._erp):
            client.close()
        self._airflow.close()

    def look(self, sql: str, since: int) -> list[bytes]:
        """Lines of the answer to ``sql``, with its parameter ``since`` (Unix seconds)."""
        answer = self._clickhouse.post("/", params={**_CHEAP, "param_since": str(since)}, content=sql)
        return answer.raise_for_status().content.splitlines()

    def stats(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._erp.get("/stats").raise_for_status().json()
        return answer

    def truth(self, feed: Subject, since: datetime) -> dict[str, int]:
        """Key → modified (Unix seconds) of the records modified since; what cannot be read is in no table."""
        found: dict[str, int] = {}
        query = {"modified_from": f"{since:%Y-%m-%d %H:%M:%S}"}
        with self._erp.stream("GET", f"/truth/{feed.module}", params=query) as answer:
            for line in filter(None, answer.raise_for_status().iter_lines()):
                key, modified = _version(feed, msgspec.json.decode(line))
                if key and modified:
                    found[key] = int(datetime.fromisoformat(modified).replace(tzinfo=since.tzinfo).timestamp())
        return found

    def airflow(self, since: datetime) -> Activity:
        """Return what began or ended since, or is under way."""
        runs, begun, tasks = Counter[str](), Counter[str](), Counter[str]()
        for run in _touching(self._airflow.dag_runs, since, "running"):
            runs[f"{run['dag_id']} {run['state']}"] += 1
            if run["start_date"] and datetime.fromisoformat(run["start_date"]) >= since:
                begun[run["dag_id"]] += 1
        for task in _touching(self._airflow.task_instances, since, "running", "deferred"):
            tasks[f"{task['dag_id']}.{task['task_id']} {task['state']}"] += 1
        return Activity(runs, begun, tasks)


def _touching(ask: Callable[..., Iterator[dict[str, Any]]], since: datetime, *under_way: str) -> list[dict[str, Any]]:
    """Return what the period touched, each once."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    since_then = ({"start_date_gte": since.isoformat()}, {"end_date_gte": since.isoformat()})
    for filters in (*since_then, *({"state": state} for state in under_way)):
        for row in ask(**filters):
            found[row["dag_id"], row["dag_run_id"], row.get("task_id"), row.get("map_index")] = row
    return list(found.values())


def _version(feed: Subject, row: Mapping[str, Any]) -> tuple[str, str | None]:
    try:
        return feed.key_of(row), moment(row, "modified")
    except Unreadable:
        return "", None


def _http(url: str, headers: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=url, headers={**headers, "Accept-Encoding": "identity"}, trust_env=False, timeout=30)
