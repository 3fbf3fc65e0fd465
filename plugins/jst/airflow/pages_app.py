"""All pages we add to Airflow, as one application: built with the first request, by the api-server alone."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from jst.airflow import ledger_app
from jst.airflow.boards_app import BoardRoutes, refusal
from jst.airflow.connections import connection, control_dsn
from jst.airflow.hooks import parts_from_connections
from jst.boards.board_answers import BoardAnswers
from jst.boards.data_marks import MarkReader
from jst.boards.logins import IMPATIENT, Logins
from jst.clock import SystemClock
from jst.errors import JstError
from jst.metrics.catalogue import load_catalogue
from jst.warehouse.cluster import Warehouse

_OPTIONS = "-c statement_timeout=3000"


def pages() -> FastAPI:
    """Build the ledger and the boards."""
    app = ledger_app.pages()
    clock = SystemClock()
    marks = MarkReader(lambda: control_dsn(options=_OPTIONS), clock)
    app.include_router(BoardRoutes(BoardAnswers(load_catalogue(), Logins(_login, clock), marks, clock)).router())
    app.add_exception_handler(JstError, _refuse)
    return app


def _login(name: str) -> Warehouse:
    """Build the warehouse with the login that connection ``clickhouse_<name>`` names."""
    conn = connection(f"clickhouse_{name}")
    return parts_from_connections().warehouse_as(conn.login, conn.password, **IMPATIENT)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, JstError)
    status, said = refusal(error)
    handler = request.app.exception_handlers.get(HTTPException)
    if handler is None:
        return JSONResponse({"detail": said}, status)
    answer: Response = await handler(request, HTTPException(status, said))
    return answer
