"""The pages we add to Airflow, for people who are logged in: its own apps are public otherwise."""

from __future__ import annotations

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response

from jst.airflow.connections import control_dsn
from jst.clock import SystemClock
from jst.ledger import page_html
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
    """Build the routes; each asks for a logged-in user. The routes of a documentation would not, so there are none."""
    app = FastAPI(dependencies=[Depends(get_user)], docs_url=None, redoc_url=None, openapi_url=None)
    reader = LedgerReader(lambda: control_dsn(options=_OPTIONS), page_html.content, SystemClock())

    @app.get("/ledger")
    def ledger() -> Response:
        return HTMLResponse(page_html.full_page(reader.rendered()), headers=_HEADERS)

    @app.get("/ledger/now")
    def now() -> Response:
        """Return the content that replaces what the page shows."""
        return HTMLResponse(reader.rendered(), headers=_HEADERS)

    @app.get("/ledger/files/{name}")
    def files(name: str) -> Response:
        if name not in page_html.FILES:
            raise HTTPException(404)
        return FileResponse(page_html.FOLDER / name, headers=_KEPT)

    return app
