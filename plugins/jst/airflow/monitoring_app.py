"""The addresses for programs that watch us, with a token of their own instead of a login."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from airflow.api.common.airflow_health import get_airflow_health
from fastapi import APIRouter, Body, Depends, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from jst.airflow.connections import connection_if_any
from jst.boards.logins import Logins
from jst.clock import Clock
from jst.control.database import SharedDatabase
from jst.control.incidents import Incidents
from jst.errors import Retry
from jst.monitoring.families import Sample, question, samples
from jst.monitoring.outside_alerts import note
from jst.monitoring.scrape import HEARTBEAT, Answers, Scrape

CONNECTION = "jst_metrics"
"""Its password is the token; without it there is nothing to be found here."""
_COMPONENTS = ("scheduler", "triggerer", "dag_processor")
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def scraper(request: Request) -> None:
    """Let in who brings the token. Raises HTTPException 404 where none is set, 401 for another."""
    conn = connection_if_any(CONNECTION)
    if conn is None or not conn.password:
        raise HTTPException(404)
    given = request.headers.get("authorization", "").encode("latin-1")  # as the server has decoded it
    if not hmac.compare_digest(given, f"Bearer {conn.password}".encode()):
        raise HTTPException(401, "令牌不对：写连接 jst_metrics 的密码", {"WWW-Authenticate": "Bearer"})


class MonitoringRoutes:
    """The routes /jst/metrics for Prometheus, and /jst/metrics/alerts for Alertmanager."""

    def __init__(self, dsn: Callable[[], str], logins: Logins, clock: Clock) -> None:
        self._control = SharedDatabase(dsn)
        self._scrape = Scrape(
            {
                "postgres": lambda: samples(self._control(lambda known: known.rows(question("control")))),
                "clickhouse": lambda: samples(logins("monitoring", "", question("warehouse"), {})),
                "airflow": _heartbeats,
            },
            clock,
        )

    def router(self) -> APIRouter:
        """Build the router."""
        router = APIRouter(dependencies=[Depends(scraper)])
        router.add_api_route("/metrics", self.metrics, methods=["GET"])
        router.add_api_route("/metrics/alerts", self.alerts, methods=["POST"], status_code=204)
        return router

    def metrics(self) -> Response:
        """Send what Prometheus scrapes."""
        return PlainTextResponse(self._scrape.text(), media_type=_TEXT)

    def alerts(self, body: Annotated[Any, Body()]) -> None:
        """Note what Alertmanager has to say; it comes again with what could not be kept."""
        self._control(lambda known: note(body, Incidents(known)))


def _heartbeats() -> Answers:
    """Return when each component of Airflow last gave a sign. Raises Retry when its database is away."""
    health: Mapping[str, Mapping[str, str | None]] = get_airflow_health()
    if health["metadatabase"]["status"] != "healthy":
        raise Retry("Airflow 元数据库没有答复", do="恢复它", server="PostgreSQL")
    found = []
    for component in _COMPONENTS:
        if beat := health[component][f"latest_{component}_heartbeat"]:
            found.append(Sample((component,), datetime.fromisoformat(beat).timestamp()))
    return {HEARTBEAT.name: found}
