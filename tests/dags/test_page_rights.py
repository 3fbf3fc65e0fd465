"""Who may open which page, and what an account sees of Airflow that may open 看板 alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse

HTML = {"accept": "text/html,application/xhtml+xml"}
PHONE = {**HTML, "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148"}
EVERYTHING = {"boards", "ledger", "walls", "messages", "resend"}
OPENS = {
    "boards": {"boards"},
    "viewer": {"boards", "ledger", "messages"},
    "user": {"boards", "ledger", "messages", "resend"},
    "op": EVERYTHING,
    "admin": EVERYTHING,
}


class Airflow:
    """An Airflow of two routes with our pages in it; ``role``: who is logged in, None for nobody."""

    def __init__(self) -> None:
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
        from airflow.api_fastapi.core_api.security import USER_INJECTED_BY_TRUSTED_MIDDLEWARE

        from jst.airflow.page_rights import Page, guarded_app, user_for
        from jst_plugin import Doorkeeper

        self.role: str | None = None
        app, pages = FastAPI(), guarded_app()
        known: list[Page] = ["boards", "ledger", "walls", "messages", "resend"]
        for page in known:
            pages.get(f"/{page}", dependencies=[Depends(user_for(page))])(lambda: {"opened": True})
        app.mount("/jst", pages)
        app.get("/")(lambda: {"home": True})
        app.get("/api/v2/plugins")(_plugins)
        app.add_middleware(Doorkeeper)

        @app.middleware("http")
        async def log_in(request: Any, call_next: Any) -> Any:
            if self.role is not None:
                request.state.user = SimpleAuthManagerUser(username="zhang.wei", role=self.role)
                request.state.user_authenticated_via = USER_INJECTED_BY_TRUSTED_MIDDLEWARE
            return await call_next(request)

        self.app = app

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(ask())


def _plugins() -> JSONResponse:
    views = [{"name": name, "url_route": f"jst_{name}"} for name in ("boards", "ledger", "messages")]
    return JSONResponse({"plugins": [{"name": "jst", "external_views": [*views, {"url_route": None}]}]})


@pytest.fixture(scope="module")
def airflow(dags: dict[str, Any]) -> Iterator[Airflow]:
    from airflow.api_fastapi.app import _AuthManagerState

    from local.airflow_settings.boards_auth_manager import BoardsAuthManager

    before, _AuthManagerState.instance = _AuthManagerState.instance, BoardsAuthManager()  # type: ignore[no-untyped-call]
    yield Airflow()
    _AuthManagerState.instance = before


@pytest.mark.parametrize("role", OPENS)
def test_a_role_opens_its_pages_and_no_other(airflow: Airflow, role: str) -> None:
    airflow.role = role
    answers = {page: airflow.get(f"/jst/{page}", HTML) for page in EVERYTHING}
    assert {page for page, answer in answers.items() if answer.status_code == 200} == OPENS[role]
    for page in EVERYTHING - OPENS[role]:
        assert answers[page].status_code == 403
        assert "账号 zhang.wei 不能打开这一页" in answers[page].text


@pytest.mark.parametrize("role", OPENS)
def test_the_menu_names_what_one_may_open(airflow: Airflow, role: str) -> None:
    airflow.role = role
    (plugin,) = airflow.get("/api/v2/plugins").json()["plugins"]
    named = {view["url_route"] for view in plugin["external_views"]}
    assert named == {None} | {f"jst_{page}" for page in OPENS[role] - {"walls", "resend"}}


@pytest.mark.parametrize(("role", "headers", "seen"), [
    ("boards", HTML, "/plugin/jst_boards"), ("boards", PHONE, "/jst/boards"), ("viewer", HTML, None),
    (None, HTML, None),
])  # fmt: skip
def test_airflows_home_is_the_boards_for_who_sees_no_dag(
    airflow: Airflow, role: str | None, headers: dict[str, str], seen: str | None
) -> None:
    airflow.role = role
    answer = airflow.get("/", headers)
    assert answer.headers.get("location") == seen
    assert answer.status_code == (302 if seen else 200)


def test_a_browser_without_a_login_is_sent_to_it_and_comes_back(airflow: Airflow) -> None:
    airflow.role = None
    answer = airflow.get("/jst/boards?shop=101&lang=en", HTML)
    assert answer.status_code == 302
    assert answer.headers["location"] == "/api/v2/auth/login?next=%2Fjst%2Fboards%3Fshop%3D101%26lang%3Den"
    program = airflow.get("/jst/boards")
    assert program.status_code == 401
    assert program.json() == {"detail": "Not authenticated"}


def test_a_business_account_has_no_right_of_airflow_but_to_see_pages_of_plugins(airflow: Airflow) -> None:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.api_fastapi.common.types import MenuItem

    manager, user = get_auth_manager(), SimpleAuthManagerUser(username="zhang.wei", role="boards")
    views = {view for view in AccessView if manager.is_authorized_view(access_view=view, user=user)}
    assert views == {AccessView.PLUGINS}
    assert manager.filter_authorized_menu_items(list(MenuItem), user=user) == []
    named = {name for name in dir(manager) if name.startswith("is_authorized_")}
    asked = named - {"is_authorized_view", "is_authorized_hitl_task", "is_authorized_team"}
    assert len(asked) >= 8
    for name in asked:
        more = {"resource_name": "x"} if name == "is_authorized_custom_view" else {}
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert not getattr(manager, name)(method=method, user=user, **more), f"{name} {method}"
    for entity in DagAccessEntity:
        assert not manager.is_authorized_dag(method="GET", access_entity=entity, user=user)
