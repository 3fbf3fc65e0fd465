"""The routes of the page 消息, for people who may open it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, Response

from jst.airflow.boards_app import language
from jst.airflow.connections import connection_if_any, control_dsn
from jst.airflow.page_rights import may_open, own_form, shown_again, user_for
from jst.boards import page
from jst.control.database import Database
from jst.messages.channels import channels
from jst.messages.message import State
from jst.messages.messages_page import ASSETS, ICONS, OutboxLook, messages_page
from jst.messages.outbox import Outbox

_OPTIONS = "-c statement_timeout=5000"
_PATIENCE_SECONDS = 3.0
_may_open, _may_send = user_for("messages"), user_for("resend")


def router() -> APIRouter:
    """Build the routes. They are functions of their own threads: each asks the control database."""
    routes = APIRouter(prefix="/messages")
    routes.add_api_route("", _listed, methods=["GET"])
    routes.add_api_route("/{number}/picture", _picture, methods=["GET"], dependencies=[Depends(_may_open)])
    for name in ICONS:
        routes.add_api_route(f"/{name}", partial(_icon, name), methods=["GET"], dependencies=[Depends(_may_open)])
    routes.add_api_route("", _send_again, methods=["POST"])
    return routes


def _icon(name: str) -> Response:
    return FileResponse(ASSETS / name, headers=dict(page.FORM_HEADERS))


def _database() -> Database:
    return Database(control_dsn(options=_OPTIONS), patience=_PATIENCE_SECONDS)


async def _reader(request: Request) -> bool:
    """Return whether the user, who may open the page, may also send again."""
    return may_open("resend", await _may_open(request))


def _listed(request: Request, may_send: Annotated[bool, Depends(_reader)]) -> Response:
    said = request.query_params.get("state")
    state: State | None = next((name for name in get_args(State) if name == said), None)
    with _database() as database:
        outbox = Outbox(database)
        listed = outbox.listed(state)
        pictures = outbox.with_picture([posted.message_id for posted in listed])
        silent = [each for each in channels().values() if connection_if_any(each.connection) is None]
        look = OutboxLook(listed, outbox.counts(), pictures, silent)
    files = f"boards/files/{page.VERSION}"
    html = messages_page(look, state=state, lang=language(request), may_send=may_send, files=files)
    return HTMLResponse(html, headers=dict(page.FORM_HEADERS))


def _picture(number: int) -> Response:
    with _database() as database:
        png = Outbox(database).picture(number)
    if png is None:
        raise HTTPException(404)
    return Response(png, media_type="image/png", headers=dict(page.FORM_HEADERS))


async def _send_again(request: Request) -> Response:
    """Send a message again; only from this page: another site's form would act in the user's name."""
    by = (await _may_send(request)).get_name()
    number = (await own_form(request)).get("again", "")
    if not number.isdecimal():
        raise HTTPException(400, "没有说是哪一条消息")
    await run_in_threadpool(_again, int(number), by)
    return shown_again(request)


def _again(message_id: int, by: str) -> None:
    with _database() as database:
        Outbox(database).send_again(message_id, by)
