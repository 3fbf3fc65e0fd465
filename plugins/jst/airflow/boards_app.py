"""The boards' addresses in Airflow: who asks, what is asked for, and the words of what cannot be answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jst.boards import page
from jst.boards.board_answers import BoardAnswers
from jst.boards.board_shape import drill_shape, openable, shape_of, step_columns
from jst.boards.board_spec import FILTERS, MOST_ROWS, Board, Panel, Step, load_boards
from jst.boards.csv_file import csv_file, file_name
from jst.boards.drill import step_behind
from jst.boards.metrics_page import metrics_page
from jst.boards.panel_answer import PanelAnswer, iso
from jst.boards.panel_question import Chosen
from jst.boards.plan_rights import plan_shape
from jst.boards.scopes import Unregistered
from jst.boards.step_answers import FORBIDDEN
from jst.errors import JstError, Misconfigured, Retry
from jst.metrics.catalogue import load_catalogue

_DATA_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "X-Jst-Version": page.VERSION,
}


class BoardRoutes:
    """The routes below /jst/boards; every one asks ``viewer`` who looks."""

    def __init__(self, answers: BoardAnswers, viewer: Callable[[Request], Awaitable[str]]) -> None:
        self._answers, self._viewer = answers, viewer

    def router(self) -> APIRouter:
        """Build the router."""
        router = APIRouter(prefix="/boards")
        for path, answer in (
            ("", self.first),
            ("/files/{version}/{name}", self.file),
            ("/{name}.svg", self.icon),
            ("/metrics", self.metrics),
            ("/{board_id}", self.page),
            ("/{board_id}/data", self.data),
            ("/{board_id}/{panel_name}.csv", self.csv),
            ("/{board_id}/{panel_name}/drill", self.drill),
            ("/{board_id}/{panel_name}/drill.csv", self.drill_csv),
        ):
            router.add_api_route(path, answer, methods=["GET"])
        return router

    async def first(self, request: Request) -> Response:
        """Go to the first board the viewer may open."""
        scope = await self._answers.scope(await self._viewer(request))
        board = openable(load_boards().values(), scope)[0]
        return RedirectResponse(f"boards/{board.id}{_query(request)}", 302)

    async def file(self, version: str, name: str, request: Request) -> Response:
        """Send a file of the page, which never changes under its address."""
        await self._viewer(request)
        asset = page.FILES.get(name)
        if asset is None or version != page.VERSION:
            raise HTTPException(404)
        return Response(asset.body, media_type=asset.media_type, headers=dict(page.FILE_HEADERS))

    async def icon(self, name: str, request: Request) -> Response:
        """Send an icon of Airflow's menu, whose address cannot name a version."""
        await self._viewer(request)
        asset = page.FILES.get(f"{name}.svg")
        if asset is None:
            raise HTTPException(404)
        headers = {**page.FILE_HEADERS, "Cache-Control": "private, max-age=86400"}
        return Response(asset.body, media_type=asset.media_type, headers=headers)

    async def metrics(self, request: Request) -> Response:
        """Send the definitions of the metrics: of those that the address names, else of all."""
        await self._viewer(request)
        codes = request.query_params.getlist("metric")
        return HTMLResponse(metrics_page(load_catalogue(), language(request), codes), headers=dict(page.HEADERS))

    async def page(self, board_id: str, request: Request) -> Response:
        """Send the page of a board, without figures."""
        viewer = await self._viewer(request)
        board = await self._board(board_id, viewer, language(request))
        self._answers.expect(board, viewer, await self._chosen(board, request, viewer))
        scope, choices = await self._answers.scope(viewer), await self._answers.choices(viewer)
        shape = shape_of(board, load_boards().values(), viewer, scope, choices, language(request))
        shape |= plan_shape(board.id, viewer, scope, language(request))
        return HTMLResponse(page.html(shape), headers=dict(page.HEADERS))

    async def data(self, board_id: str, request: Request) -> Response:
        """Send the figures of a board (docs/boards.md), or 304 when the page has them."""
        viewer = await self._viewer(request)
        board, lang = _known(board_id), language(request)
        answer = await self._answers.board(board, viewer, await self._chosen(board, request, viewer))
        headers = {
            **_DATA_HEADERS,
            "ETag": answer.etag(lang),
            "X-Jst-Mark": iso(answer.mark) or "",
            "X-Jst-Stamps": msgspec.json.encode(answer.stamps).decode(),
        }
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return Response(answer.body(lang), media_type="application/json", headers=headers)

    async def csv(self, board_id: str, panel_name: str, request: Request) -> Response:
        """Send a panel as a file, asked anew and with all its rows."""
        viewer = await self._viewer(request)
        lang = language(request)
        board = await self._board(board_id, viewer, lang)
        panel = _panel(board, panel_name)
        step, chosen = replace(panel.step, top=MOST_ROWS), await self._chosen(board, request, viewer)
        answer = await self._answers.step(step, panel.empty, viewer, chosen)
        return await self._file(board, panel.title[lang], step, answer, lang)

    async def drill(self, board_id: str, panel_name: str, request: Request) -> Response:
        """Send what lies behind a row, whose cuts the address names."""
        viewer = await self._viewer(request)
        lang = language(request)
        board = await self._board(board_id, viewer, lang)
        step, _, answer = await self._behind(board, panel_name, viewer, request)
        scope = await self._answers.scope(viewer)
        shown = answer.rendered(lang)
        content = {
            "title": step.title[lang],
            "columns": step_columns(step, lang, finance=scope.finance),
            "rows": shown.pop("columns"),
            "by": step.by,
            "drill": drill_shape(step, lang),
            **shown,
        }
        return Response(msgspec.json.encode(content), media_type="application/json", headers=_DATA_HEADERS)

    async def drill_csv(self, board_id: str, panel_name: str, request: Request) -> Response:
        """Send what lies behind a row as a file."""
        viewer = await self._viewer(request)
        lang = language(request)
        board = await self._board(board_id, viewer, lang)
        step, keys, answer = await self._behind(board, panel_name, viewer, request)
        title = " ".join([step.title[lang], *(value for values in keys.values() for value in values)])
        return await self._file(board, title, step, answer, lang)

    async def _behind(
        self, board: Board, panel_name: str, viewer: str, request: Request
    ) -> tuple[Step, dict[str, Sequence[str]], PanelAnswer]:
        panel = _panel(board, panel_name)
        step, keys = step_behind(panel, _given(request))
        chosen = await self._chosen(board, request, viewer, without=keys)
        return step, keys, await self._answers.step(step, panel.empty, viewer, chosen, keys)

    async def _file(self, board: Board, title: str, step: Step, answer: PanelAnswer, lang: str) -> Response:
        if answer.state == "forbidden":
            raise HTTPException(403, answer.words[lang])
        name = quote(file_name(board.title[lang], title, answer.as_of))
        headers = {**_DATA_HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        shown = step_columns(step, lang, finance=True)
        content = await self._answers.in_thread(csv_file, shown, answer.columns_in(lang))
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    async def _board(self, board_id: str, viewer: str, lang: str) -> Board:
        """Return a board the viewer may open."""
        board = _known(board_id)
        if board not in openable([board], await self._answers.scope(viewer)):
            raise HTTPException(403, FORBIDDEN[lang])
        return board

    async def _chosen(self, board: Board, request: Request, viewer: str, without: Collection[str] = ()) -> Chosen:
        given = {name: values for name, values in _given(request).items() if name in FILTERS and name not in without}
        if not given:
            return Chosen()
        choices = await self._answers.choices(viewer)
        return choices.chosen(board.filters, given, self._answers.today())


def language(request: Request) -> str:
    """Return zh or en: what the address says, else what the browser prefers."""
    said = request.query_params.get("lang") or request.headers.get("accept-language", "zh")
    return "en" if said.lower().startswith("en") else "zh"


def refusal(error: JstError) -> tuple[int, str]:
    """Return the HTTP status of an error and the sentence beside it."""
    status = 403 if isinstance(error, Unregistered) else 400 if isinstance(error, Misconfigured) else 503
    return status, str(error) if not isinstance(error, Retry) else error.what


def _given(request: Request) -> dict[str, list[str]]:
    return {name: request.query_params.getlist(name) for name in request.query_params}


def _known(board_id: str) -> Board:
    board = load_boards().get(board_id)
    if board is None:
        raise HTTPException(404, f"没有看板 {board_id[:40]}")
    return board


def _panel(board: Board, name: str) -> Panel:
    if name not in board.panels:
        raise HTTPException(404, f"看板 {board.id} 没有面板 {name[:40]}")
    return board.panels[name]


def _query(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""
