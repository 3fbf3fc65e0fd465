"""The sandbox's shop during a measurement: make a change, and see whether it has come into the tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import httpx

from bench.instruments.live_tables import live_feeds
from local.verify.subject import Subject

_TOUCHED = 100
"""Records taken in turn, so that each rests for minutes: one that does not is in no window when it is read."""


class SandboxShop:
    """The source and the tables, by the ``JST_…`` variables of ``make env``."""

    def __init__(self, environment: dict[str, str]) -> None:
        login = {
            "X-ClickHouse-User": environment["JST_CLICKHOUSE_USER"],
            "X-ClickHouse-Key": environment["JST_CLICKHOUSE_PASSWORD"],
        }
        self._erp = httpx.Client(base_url=f"{environment['JST_ERP_URL']}/sandbox", trust_env=False, timeout=10)
        self._tables = httpx.Client(
            base_url=environment["JST_CLICKHOUSE_HTTP"], headers=login, trust_env=False, timeout=5
        )
        self._feeds = live_feeds()
        self.modules = [feed.module for feed in self._feeds]
        self._keys: dict[str, Iterator[str]] = {}

    def close(self) -> None:
        self._erp.close()
        self._tables.close()

    def frozen(self, still: bool) -> None:
        self._erp.post("/freeze" if still else "/thaw").raise_for_status()

    def touch(self) -> None:
        """Change one record of every live module, so that a module in which little happens changes, too; another one
        each time. Raises httpx errors while ClickHouse or the source are away."""
        for feed in self._feeds:
            if feed.module not in self._keys and (some := self._some(feed)):
                self._keys[feed.module] = cycle(some)
        for module, keys in self._keys.items():
            self._erp.post("/touch", json={"module": module, "keys": [next(keys)]}).raise_for_status()

    def _some(self, feed: Subject) -> list[str]:
        key = feed.key[0]
        sql = f"SELECT DISTINCT {key} FROM {feed.table} ORDER BY cityHash64({key}) LIMIT {_TOUCHED} FORMAT TSV"
        return self._tables.post("/", content=sql).raise_for_status().text.splitlines()

    def newest(self) -> dict[str, float]:
        """Return module → newest ``modified`` (Unix s) its table shows; empty while ClickHouse is away."""
        sql = " UNION ALL ".join(
            f"SELECT '{feed.module}', ifNull(toUnixTimestamp(max(modified)), 0) FROM {feed.table}"
            for feed in self._feeds
        )
        try:
            answer = self._tables.post("/", content=f"{sql} FORMAT TSV")
        except httpx.HTTPError:
            return {}
        rows = [line.split("\t") for line in answer.text.splitlines()] if answer.is_success else []
        return {module: float(moment) for module, moment in rows}
