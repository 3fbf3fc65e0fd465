"""Airflow's REST interface, for everything that asks it from outside: pools at the start, measurements, drills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

_PAGE = 100
Query = Mapping[str, str | int]


class AirflowApi:
    """Logs in when it first asks, and again when its token is refused. Raises httpx errors while Airflow is away.
    ``timeout`` in seconds."""

    def __init__(self, url: str, user: str, password: str, timeout: float = 30.0) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=timeout)
        self._login = {"username": user, "password": password}

    @classmethod
    def of(cls, environment: Mapping[str, str], timeout: float = 30.0) -> AirflowApi:
        """Built from the ``JST_…`` variables of ``make env``."""
        url, user = environment["JST_AIRFLOW_URL"], environment["JST_AIRFLOW_USER"]
        return cls(url, user, environment["JST_AIRFLOW_PASSWORD"], timeout)

    def close(self) -> None:
        self._http.close()

    def log_in(self) -> None:
        """Log in. Raises httpx errors when Airflow is away or does not know the user."""
        answer = self._http.post("/auth/token", json=self._login).raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def request(self, method: str, path: str, *, params: Query | None = None, body: object = None) -> httpx.Response:
        """Ask ``/api/v2/<path>``; the answer whatever its status is."""
        if "Authorization" not in self._http.headers:
            self.log_in()
        answer = self._http.request(method, f"/api/v2/{path}", params=params, json=body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # a drill may outlive its token
            self.log_in()
            answer = self._http.request(method, f"/api/v2/{path}", params=params, json=body)
        return answer

    def dag_runs(self, dag_id: str = "~", **filters: str) -> Iterator[dict[str, Any]]:
        """Return runs of one DAG, or of all."""
        return self._rows(f"dags/{dag_id}/dagRuns", "dag_runs", filters)

    def task_instances(self, dag_id: str = "~", **filters: str) -> Iterator[dict[str, Any]]:
        """Task instances of one DAG, or of all."""
        return self._rows(f"dags/{dag_id}/dagRuns/~/taskInstances", "task_instances", filters)

    def _rows(self, path: str, name: str, filters: Query) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = {**filters, "limit": _PAGE, "offset": offset}
            rows = self.request("GET", path, params=page).raise_for_status().json()[name]
            yield from rows
            if len(rows) < _PAGE:
                return
            offset += _PAGE
