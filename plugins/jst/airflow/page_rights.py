"""Who may open which of our pages, by rights that every auth manager of Airflow knows (docs/decisions/0070)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Literal
from urllib.parse import parse_qs, urlencode

from airflow.api_fastapi.app import get_auth_manager, get_cookie_path
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.common.types import MenuItem
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from jst.boards.page import VERSION

Page = Literal["boards", "ledger", "walls", "alerts", "messages", "resend"]
_NOT_ALLOWED = (
    "账号 {0} 不能打开这一页：请 Airflow 管理员给它需要的角色。"
    "Account {0} may not open this page: ask the Airflow administrator for the role it needs."
)


def may_open(page: Page, user: BaseUser) -> bool:
    """Say whether a user may open a page: 账本 and 消息 who may see the runs of all DAGs; 看板 and 告警 these, and who
    may see pages of plugins; the links of walls who may add connections; resend, which is no page, who may start any
    DAG."""
    manager = get_auth_manager()
    if page == "walls":
        return manager.is_authorized_connection(method="POST", user=user)
    if page == "resend":
        return manager.is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, user=user)
    if page in ("boards", "alerts") and manager.is_authorized_view(access_view=AccessView.PLUGINS, user=user):
        return True
    return manager.is_authorized_dag(method="GET", access_entity=DagAccessEntity.RUN, user=user)


def sees_dags(user: BaseUser) -> bool:
    """Say whether Airflow's own home has anything for a user."""
    return bool(get_auth_manager().filter_authorized_menu_items([MenuItem.DAGS], user=user))


async def logged_in(request: Request) -> BaseUser:
    """Return who asks. Raises HTTPException 401 or 403 without a valid login."""
    return await get_user(request, None, await bearer_scheme(request))


def user_for(page: Page) -> Callable[[Request], Awaitable[BaseUser]]:
    """Make the dependency of a page's routes: it returns the user. Raises HTTPException 401 without a login, 403 for
    who may not open the page."""

    async def user(request: Request) -> BaseUser:
        who = await logged_in(request)
        if not may_open(page, who):
            raise HTTPException(403, detail=_NOT_ALLOWED.format(who.get_name()))
        return who

    return user


def from_own_page(request: Request) -> None:
    """Let nothing be changed by the page of another site, whose requests a browser sends with our cookie. Raises
    HTTPException 403."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(403, "只能从这一页上操作")


async def form_fields(request: Request) -> dict[str, str]:
    """Return the fields of a form, each with its last value."""
    return {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}


async def own_form(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent from the page itself. Raises HTTPException 403 for another's."""
    from_own_page(request)
    return await form_fields(request)


def shown_again(request: Request) -> Response:
    """Return what shows the page of a form once more, as its reader had chosen it."""
    page, query = request.url.path.rsplit("/", 1)[-1], request.url.query
    return RedirectResponse(f"{page}?{query}" if query else page, 303)


def guarded_app() -> FastAPI:
    """Build an application without the routes of a documentation, which would ask for no login. A browser that has none
    is sent to Airflow's login and comes back; everything else gets the error as JSON."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(HTTPException, _refuse)
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    try:
        await logged_in(request)
    except HTTPException:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{get_cookie_path().rstrip('/')}/api/v2/auth/login?{urlencode({'next': back})}", 302)
    return refusal_page(request, error.status_code, str(error.detail))


def refusal_page(request: Request, status: int, said: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Make the page that says why something is not shown, with the way back to the boards."""
    boards = f"{get_cookie_path().rstrip('/')}/jst/boards"
    files = f"{boards}/files/{VERSION}"
    back = "" if request.url.path.endswith("/jst/boards") else f'<p><a href="{boards}">看板 Boards</a></p>'
    page = (
        f'<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(said)}</title><link rel="stylesheet" href="{files}/ledger.css">'
        f'<script src="{files}/theme.js"></script>'
        f"<main><h1>{escape(said)}</h1>{back}</main>"
    )
    policy = "default-src 'none'; style-src 'self'; script-src 'self'"
    told = {"Content-Security-Policy": policy, "Cache-Control": "no-store", **(headers or {})}
    return HTMLResponse(page, status, told)
