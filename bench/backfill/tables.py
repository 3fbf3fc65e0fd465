"""Who the backfill drill deals with: the tables it tears, the Airflow it asks to mend them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import httpx

from jst.clock import SHANGHAI
from local.layout import LocalError

DAG = "jst_backfill"


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
        """A fingerprint of the outbound orders' business columns."""
        return self.rows(
            f"""SELECT count(), sum(cityHash64(tuple(* EXCEPT (fetched_at, version, key_time))))
                FROM dws.dws_sale_out FINAL WHERE {condition}"""
        )


class Airflow:
    def __init__(self, environment: dict[str, str]) -> None:
        self._http = httpx.Client(base_url=environment["JST_AIRFLOW_URL"], trust_env=False, timeout=30)
        login = {"username": environment["JST_AIRFLOW_USER"], "password": environment["JST_AIRFLOW_PASSWORD"]}
        token = self._http.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        self._http.close()

    def ask(self, path: str, **query: Any) -> Any:
        return self._http.get(f"/api/v2/{path}", params=query).raise_for_status().json()

    def backfill(self, first: date, last: date) -> None:
        """What the form sends, shown in Shanghai's time."""
        body = {
            "dag_id": DAG,
            "from_date": f"{first}T00:00:00+08:00",
            "to_date": f"{last}T23:59:59.999+08:00",
            "reprocess_behavior": "completed",
            "max_active_runs": 1,
        }
        answer = self._http.post("/api/v2/backfills", json=body)
        if answer.is_error:
            raise LocalError(f"Airflow 不接受回填：{answer.text[:300]}")

    def runs(self) -> dict[str, str]:
        """Business day → state of its run."""
        found = self.ask(f"dags/{DAG}/dagRuns", limit=100)["dag_runs"]
        return {
            str(datetime.fromisoformat(run["data_interval_start"]).astimezone(SHANGHAI).date()): run["state"]
            for run in found
            if run["data_interval_start"]
        }
