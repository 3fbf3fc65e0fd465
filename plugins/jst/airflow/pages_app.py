"""All pages we add to Airflow, as one application: built with the first request, by the api-server alone."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from jst.airflow import ledger_app, messages_app
from jst.airflow.alerts_app import AlertRoutes
from jst.airflow.board_runs import BoardRuns
from jst.airflow.boards_app import BoardRoutes, refusal
from jst.airflow.connections import connection, control_dsn
from jst.airflow.hooks import parts_from_connections
from jst.airflow.monitoring_app import MonitoringRoutes
from jst.airflow.page_rights import refusal_page, user_for
from jst.airflow.plans_app import PlanRoutes
from jst.airflow.walls_app import WallRoutes
from jst.boards.board_answers import BoardAnswers
from jst.boards.data_marks import MarkReader
from jst.boards.logins import IMPATIENT, Logins, NoAnswer
from jst.boards.plan_desk import PlanDesk
from jst.boards.wall_accounts import WallAccounts
from jst.clock import SystemClock
from jst.control.database import SharedDatabase
from jst.control.replenishments import Replenishments
from jst.errors import JstError, Misconfigured
from jst.metrics.catalogue import load_catalogue
from jst.warehouse.cluster import Warehouse

log = logging.getLogger(__name__)
_OPTIONS = "-c statement_timeout=3000"
_logged_in = user_for("boards")
_LATER, _REFRESH_SECONDS = 503, 5


def pages() -> FastAPI:
    """Build the ledger, the boards, the pages of wall links, alerts and messages, and what Prometheus reads, on the
    servers that Airflow's connections name."""
    clock = SystemClock()
    logins, database = Logins(_login, clock), SharedDatabase(_dsn)
    answers = BoardAnswers(load_catalogue(), logins, MarkReader(_dsn, clock), clock)
    desk = PlanDesk(logins, lambda work: database(lambda known: work(Replenishments(known))), BoardRuns(), clock)
    app = pages_of(answers, WallAccounts(_dsn, clock), desk)
    app.include_router(AlertRoutes(_dsn, clock).router())
    app.include_router(MonitoringRoutes(_dsn, logins, clock).router())
    return app


def pages_of(answers: BoardAnswers, accounts: WallAccounts, desk: PlanDesk) -> FastAPI:
    """Put the pages together."""
    app, walls = ledger_app.pages(), WallRoutes(accounts, answers.beside)
    app.include_router(walls.router())
    app.include_router(PlanRoutes(answers, _person, desk).router())
    app.include_router(BoardRoutes(answers, walls.viewer).router())
    app.include_router(messages_app.router())
    app.add_exception_handler(JstError, _refuse)
    return app


async def _person(request: Request) -> str:
    """Return who is logged in: neither a wall nor the browser that takes pictures asks for a plan."""
    return (await _logged_in(request)).get_name()


def _dsn() -> str:
    return control_dsn(options=_OPTIONS)


def _login(name: str) -> Warehouse:
    """Build the warehouse with the login that connection ``clickhouse_<name>`` names. Raises NoAnswer when there is
    none."""
    try:
        conn = connection(f"clickhouse_{name}")
    except Misconfigured as missing:
        log.warning("%s", missing)
        raise NoAnswer({"zh": missing.what, "en": f"Airflow has no connection clickhouse_{name}"}) from missing
    return parts_from_connections().warehouse_as(conn.login, conn.password, **IMPATIENT)


async def _refuse(request: Request, error: Exception) -> Response:
    """Answer an error of ours; where waiting helps a page asks again by itself, so that a wall display comes back."""
    assert isinstance(error, JstError)
    status, said = refusal(error)
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": said}, status)
    return refusal_page(request, status, said, {"Refresh": str(_REFRESH_SECONDS)} if status == _LATER else {})
