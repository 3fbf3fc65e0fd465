"""/jst/metrics opens to its token alone, and is not there where none is set."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

NAME = "AIRFLOW_CONN_JST_METRICS"


@pytest.mark.parametrize(
    ("password", "given", "status"),
    [
        (None, "Bearer ", 404),
        ("", "Bearer ", 404),
        ("t0ken", None, 401),
        ("t0ken", "Bearer ", 401),
        ("t0ken", "t0ken", 401),
        ("t0ken", "Bearer other", 401),
        ("令牌", "Bearer 令牌", 200),
        ("t0ken", "Bearer t0ken", 200),
    ],
)
def test_only_the_token_opens_it(
    dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch, password: str | None, given: str | None, status: int
) -> None:
    from jst.airflow.monitoring_app import MonitoringRoutes
    from jst.airflow.page_rights import guarded_app
    from jst.boards.logins import Logins
    from jst.clock import SystemClock

    def nowhere(*_: object) -> Any:
        raise OSError("no server in this test")

    monkeypatch.delenv(NAME, raising=False)
    if password is not None:
        monkeypatch.setenv(NAME, json.dumps({"conn_type": "generic", "password": password}))
    app, clock = guarded_app(), SystemClock()
    app.include_router(MonitoringRoutes(nowhere, Logins(nowhere, clock), clock).router(), prefix="/jst")
    headers = {} if given is None else {b"authorization": given.encode()}

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airflow") as client:
            return await client.get("/jst/metrics", headers=headers)

    answer = asyncio.run(ask())
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert 'jst_scrape_source_up{source="postgres"} 0.0' in answer.text
    else:
        assert "jst_scrape" not in answer.text
