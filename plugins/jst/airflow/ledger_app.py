"""The routes of the page 账本, for people who may open it: apps of a plugin are public otherwise."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from jst.airflow.boards_app import language
from jst.airflow.connections import control_dsn
from jst.airflow.page_rights import guarded_app, user_for
from jst.airflow.pools import missing_pools
from jst.clock import SystemClock
from jst.ledger import page_html
from jst.ledger.english import page_in_english
from jst.ledger.ledger_reader import LedgerReader

# nothing of another host, and no script but ours: a reason on the page quotes what the source sent
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_KEPT = {**_HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}
# A server that hangs must not hold the api-server's threads for long; the page asks again in seconds anyway.
_OPTIONS = "-c statement_timeout=5000"


def pages() -> FastAPI:
    """Build the routes; each asks for a user who may open the page."""
    app = guarded_app()
    routes = APIRouter(dependencies=[Depends(user_for("ledger"))])
    reader = LedgerReader(lambda: control_dsn(options=_OPTIONS), page_html.content, SystemClock(), missing_pools)

    @routes.get("/ledger")
    def ledger(request: Request) -> Response:
        return _said(page_html.full_page(reader.rendered(), language(request)), request)

    @routes.get("/ledger/now")
    def now(request: Request) -> Response:
        """Return the content that replaces what the page shows."""
        return _said(reader.rendered(), request)

    @routes.get("/ledger/files/{name}")
    def files(name: str) -> Response:
        if name not in page_html.FILES:
            raise HTTPException(404)
        return FileResponse(page_html.FOLDER / name, headers=_KEPT)

    app.include_router(routes)
    return app


def _said(page: str, request: Request) -> Response:
    """Answer in the language that the address or the browser asks for."""
    return HTMLResponse(page_in_english(page) if language(request) == "en" else page, headers=_HEADERS)
