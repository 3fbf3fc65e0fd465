"""The addresses of replenishment plans below board 商品库存预警: the board checks its own right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from jst.airflow.boards_app import language
from jst.airflow.page_rights import from_own_page
from jst.boards.board_answers import BoardAnswers
from jst.boards.plan_desk import AlreadyOpen, NoSuchPlan, PlanDesk
from jst.boards.plan_rights import BOARD, MAY_NOT, may_plan
from jst.boards.scopes import Scope
from jst.errors import Misconfigured
from jst.ledger.english import english

_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LARGEST_BYTES = 50_000


class PlanRoutes:
    """The routes below /jst/boards/stock_warning; every one asks ``viewer`` who looks, and ClickHouse for the role."""

    def __init__(self, answers: BoardAnswers, viewer: Callable[[Request], Awaitable[str]], desk: PlanDesk) -> None:
        self._answers, self._viewer, self._desk = answers, viewer, desk

    def router(self) -> APIRouter:
        """Build the router; it stands before that of the boards."""
        router = APIRouter(prefix=f"/boards/{BOARD}")
        router.add_api_route("/plan", self.start, methods=["POST"])
        for path, answer in (
            ("/plan/form", self.form),
            ("/plan/{number}.xlsx", self.file),
            ("/plan/{number}", self.state),
            ("/plans", self.listed),
        ):
            router.add_api_route(path, answer, methods=["GET"])
        return router

    async def form(self, request: Request) -> Response:
        """Send the fields a person fills in."""
        viewer, _ = await self._buyer(request)
        return _json(await self._answers.in_thread(self._desk.form, viewer, language(request)))

    async def start(self, request: Request) -> Response:
        """Start a plan: 202 with its number; 400 with a sentence and the field, 409 while another one is open."""
        viewer, _ = await self._buyer(request)
        from_own_page(request)
        given = await _body(request)
        try:
            number = await self._answers.in_thread(self._desk.start, viewer, given)
        except Misconfigured as wrong:
            said = str(wrong) if language(request) == "zh" else english(str(wrong))
            status = 409 if isinstance(wrong, AlreadyOpen) else 400
            return _json({"detail": said, "field": getattr(wrong, "field", "")}, status)
        return _json({"plan": number}, 202)

    async def state(self, number: int, request: Request) -> Response:
        """Say how far a plan is."""
        _, scope = await self._buyer(request)
        return _json(await self._answer(self._desk.state, number, language(request), scope))

    async def file(self, number: int, request: Request) -> Response:
        """Send the file of a plan."""
        viewer, scope = await self._buyer(request)
        name, content = await self._answer(self._desk.file, number, viewer, scope)
        headers = {**_HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(content, media_type=_XLSX, headers=headers)

    async def listed(self, request: Request) -> Response:
        """List the plans and what came of them."""
        viewer, scope = await self._buyer(request)
        return _json(await self._answer(self._desk.listed, viewer, language(request), scope))

    async def _buyer(self, request: Request) -> tuple[str, Scope]:
        viewer = await self._viewer(request)
        scope = await self._answers.scope(viewer)
        if not may_plan(scope):
            raise HTTPException(403, MAY_NOT[language(request)])
        return viewer, scope

    async def _answer(self, work: Callable[..., Any], *given: Any) -> Any:
        """Ask the desk; the scope, which comes last, says whether cost is shown."""
        *first, scope = given
        try:
            return await self._answers.in_thread(lambda: work(*first, finance=scope.finance))
        except NoSuchPlan as none:
            raise HTTPException(404, str(none)) from none


async def _body(request: Request) -> dict[str, Any]:
    """Read the JSON object. A form of another site cannot send this type without asking us first."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "请以 application/json 提交")
    text = await request.body()
    try:
        given = msgspec.json.decode(text) if len(text) <= _LARGEST_BYTES else None
    except msgspec.DecodeError:
        given = None
    if not isinstance(given, dict):
        raise HTTPException(400, "提交的不是 JSON 对象")
    return given


def _json(content: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, _HEADERS)
