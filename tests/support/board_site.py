"""The boards over HTTP at a moment that stands still: the routes of the product, the viewer from a cookie."""

from __future__ import annotations

import threading
from datetime import timedelta

import uvicorn
from clickhouse_driver import Client
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from bench.instruments.moved_clock import MovedClock
from jst.airflow.boards_app import BoardRoutes, refusal
from jst.airflow.plans_app import PlanRoutes
from jst.boards.board_answers import BoardAnswers
from jst.boards.data_marks import DataMarks, ModuleMark
from jst.boards.logins import Logins
from jst.boards.plan_desk import PlanDesk
from jst.control.load_progress import LoadedPast
from jst.errors import JstError
from jst.metrics.catalogue import load_catalogue
from local.instance import Instance
from tests.support.company import DAYS, MOMENT
from tests.support.plans_in_memory import KeptPlans, NotedRuns
from tests.support.wait_until import until


class BoardSite:
    """Serves in a thread until ``close``; ``url`` is the address of the boards, ``plans`` what was asked for on them,
    ``runs`` what of it Airflow would run."""

    def __init__(self, stack: Instance) -> None:
        self._address, self._secrets = stack.clickhouse(), stack.layout.secrets
        self._clients: list[Client] = []
        self.clock = MovedClock(MOMENT)
        self.plans, self.runs = KeptPlans(self.clock), NotedRuns()
        self._logins = Logins(self.login, self.clock, seconds=10)
        self._answers = BoardAnswers(load_catalogue(), self._logins, self._marks, self.clock, deadline=60.0)
        self._server = uvicorn.Server(uvicorn.Config(self._app(), port=0, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/jst/boards"

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._answers.close()
        for client in self._clients:
            client.disconnect()

    def login(self, user: str) -> Client:
        """Connect as one of ClickHouse's users, until the site is closed."""
        address = self._address
        client = Client(address["host"], address["port"], user=user, password=self._secrets.clickhouse(user))
        self._clients.append(client)
        return client

    def _marks(self) -> DataMarks:
        now = self.clock.now()
        modules = ("inventory", "sale_out", "after_sale")
        read, proven = now - timedelta(seconds=8), now - timedelta(minutes=6)
        past = LoadedPast(MOMENT - timedelta(days=DAYS), MOMENT - timedelta(days=DAYS))
        return DataMarks(
            {name: ModuleMark(name, read, proven, "", None) for name in modules}, past=dict.fromkeys(modules, past)
        )

    def _app(self) -> FastAPI:
        app = FastAPI()
        desk = PlanDesk(self._logins, self.plans, self.runs, self.clock)
        app.include_router(PlanRoutes(self._answers, _viewer, desk).router(), prefix="/jst")
        app.include_router(BoardRoutes(self._answers, _viewer).router(), prefix="/jst")
        app.add_exception_handler(JstError, _refuse)
        return app


async def _viewer(request: Request) -> str:
    viewer = request.cookies.get("viewer")
    if not viewer:
        raise HTTPException(401)
    return viewer


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, JstError)
    status, said = refusal(error)
    return JSONResponse({"detail": said}, status)
