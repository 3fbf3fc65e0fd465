"""Wall displays: their links, the cookie such a link leaves, and the page where administrators make and revoke them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from airflow.api_fastapi.app import get_cookie_path
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jst.access.spec import WALL_PREFIX, load_access
from jst.airflow.boards_app import language
from jst.airflow.page_rights import form_fields, own_form, shown_again, user_for
from jst.boards import page
from jst.boards.wall_accounts import COOKIE, WallAccounts
from jst.boards.walls_page import LINK_PAGE, LINK_SCRIPT, NO_LINK_PAGE, NO_LINK_STYLE, walls_page

_LASTS_SECONDS = 400 * 86_400
"""So long browsers keep a cookie at most; the display opens its link anew before."""
_HEADERS = {**page.FORM_HEADERS, "Referrer-Policy": "no-referrer"}

_may_open_boards, _may_open_walls = user_for("boards"), user_for("walls")


class WallRoutes:
    """Who looks at the boards, and the routes /jst/boards/wall#<key> and /jst/boards/walls."""

    def __init__(self, walls: WallAccounts, beside: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        """``beside``: does what asks the control database outside the event loop."""
        self._walls, self._beside = walls, beside

    def router(self) -> APIRouter:
        """Build the router; it stands before that of the boards, whose names it would hide."""
        router = APIRouter(prefix="/boards")
        router.add_api_route("/wall", self.link, methods=["GET"])
        router.add_api_route("/wall", self.opened, methods=["POST"])
        router.add_api_route("/walls", self.listed, methods=["GET"])
        router.add_api_route("/walls", self.changed, methods=["POST"])
        return router

    async def viewer(self, request: Request) -> str:
        """Return the account rows are filtered for: the user's name, or, without a login, the wall whose link opened
        this browser. Raises HTTPException as a page of persons does when it is neither."""
        try:
            return (await _may_open_boards(request)).get_name()
        except HTTPException:
            key = request.cookies.get(COOKIE)
            account: str | None = await self._beside(lambda: self._walls.account(key)) if key else None
            if account is None:
                raise
            return account

    async def link(self) -> Response:
        """Send the page that takes the key out of its own address: what follows # reaches no server's log."""
        return HTMLResponse(LINK_PAGE, headers=_allowing(LINK_SCRIPT))

    async def opened(self, request: Request) -> Response:
        """Open the boards on a wall display."""
        key = (await form_fields(request)).get("key", "")
        if await self._beside(lambda: self._walls.account(key)) is None:
            # a wall display has no login to be sent to
            return HTMLResponse(NO_LINK_PAGE, 404, _allowing(NO_LINK_STYLE))
        answer = RedirectResponse("../boards?wall=1", 303, headers={"Referrer-Policy": "no-referrer"})
        answer.set_cookie(COOKIE, key, max_age=_LASTS_SECONDS, path=f"{get_cookie_path().rstrip('/')}/jst/boards",
                          httponly=True, samesite="lax", secure=request.url.scheme == "https")  # fmt: skip
        return answer

    async def listed(self, request: Request) -> Response:
        """List the links."""
        await _may_open_walls(request)
        return await self._page(request)

    async def changed(self, request: Request) -> Response:
        """Make a link, whose address is shown this once, or revoke one."""
        by = (await _may_open_walls(request)).get_name()
        said = await own_form(request)
        if wall := said.get("make"):
            if f"{WALL_PREFIX}{wall}" not in load_access().people.walls:
                raise HTTPException(400, f"access.yaml 的 walls 里没有 {wall[:40]}")
            key = await self._beside(lambda: self._walls.links(lambda links: links.make(wall, by)))
            return await self._page(request, str(request.url).rsplit("/walls", 1)[0] + f"/wall#{key}")
        if (link := said.get("revoke", "")).isdecimal():
            await self._beside(lambda: self._walls.links(lambda links: links.revoke(int(link), by)))
        return shown_again(request)

    async def _page(self, request: Request, made: str = "") -> Response:
        links = await self._beside(lambda: self._walls.links(lambda links: links.listed()))
        names = [account.removeprefix(WALL_PREFIX) for account in load_access().people.walls]
        return HTMLResponse(walls_page(links, names, made, language(request)), headers=_HEADERS)


def _allowing(source: str) -> dict[str, str]:
    """Return the headers of a page with one inline script or style; ``source``: its line of the policy."""
    policy = _HEADERS["Content-Security-Policy"].replace(f"{source.split()[0]} 'self'", source)
    return {**_HEADERS, "Content-Security-Policy": policy}
