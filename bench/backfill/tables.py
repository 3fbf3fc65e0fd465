"""The tables the backfill drill tears holes into."""

from __future__ import annotations

import httpx


class Tables:
    """ClickHouse over HTTP, as the etl user."""

    def __init__(self, environment: dict[str, str]) -> None:
        login = {
            "X-ClickHouse-User": environment["JST_CLICKHOUSE_USER"],
            "X-ClickHouse-Key": environment["JST_CLICKHOUSE_PASSWORD"],
        }
        self._http = httpx.Client(
            base_url=environment["JST_CLICKHOUSE_HTTP"], headers=login, trust_env=False, timeout=120
        )

    def close(self) -> None:
        self._http.close()

    def rows(self, sql: str) -> list[list[str]]:
        answer = self._http.post("/", content=sql).raise_for_status().text
        return [line.split("\t") for line in answer.splitlines()]

    def tear(self, module: str, key: str, condition: str) -> list[str]:
        """Delete records from dwd and dws; returns their keys."""
        keys = [row[0] for row in self.rows(f"SELECT {key} FROM dwd.dwd_{module} FINAL WHERE {condition}")]
        quoted = ", ".join(f"'{found}'" for found in keys) or "''"
        for layer in ("dwd", "dws"):
            self.rows(f"DELETE FROM {layer}.{layer}_{module} WHERE {key} IN ({quoted})")
        return keys

    def missing(self, module: str, key: str, keys: list[str]) -> int:
        if not keys:
            return 0
        quoted = ", ".join(f"'{found}'" for found in keys)
        ((found,),) = self.rows(f"SELECT uniqExact({key}) FROM dws.dws_{module} FINAL WHERE {key} IN ({quoted})")
        return len(set(keys)) - int(found)

    def print_of(self, condition: str) -> list[list[str]]:
        """Return a fingerprint of the outbound orders' business columns."""
        return self.rows(
            f"""SELECT count(), sum(cityHash64(tuple(* EXCEPT (fetched_at, version, key_time))))
                FROM dws.dws_sale_out FINAL WHERE {condition}"""
        )
