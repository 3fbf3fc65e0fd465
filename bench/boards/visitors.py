"""People who look at boards of the running stack over HTTP, as their browsers do, and what each screen took."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import jwt

_FILE = re.compile(r'(?:src|href)="([^"]*/files/[^"]+)"')
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody logged in as ``name``; ``headers`` carry the login."""

    name: str
    headers: dict[str, str]

    @classmethod
    def of(cls, name: str, secret: str) -> Visitor:
        """Log ``name`` in with a token for one hour, as the login page gives one."""
        now = datetime.now(UTC)
        claims = {"sub": name, "role": "boards", "aud": "apache-airflow", "iat": now, "nbf": now,
                  "exp": now + timedelta(hours=1)}  # fmt: skip
        return cls(name, {"Authorization": f"Bearer {jwt.encode(claims, secret, 'HS512')}"})


class House:
    """Airflow's api-server with the boards; one client for all, since each would cost as much as a screen."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=None, keepalive_expiry=4.0)  # the server hangs up after 5 s
        self.turned_away = 0
        self._http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=_PATIENCE_SECONDS, limits=limits)

    async def close(self) -> None:
        await self._http.aclose()

    async def screen(self, visitor: Visitor, board: str, *, cold: bool) -> float:
        """Open a board: the page, then its figures, and with nothing in the browser's cache its files beside them;
        returns seconds. A page that ClickHouse was too busy for asks again by itself, as in a browser: it is counted in
        ``turned_away``. Raises httpx errors."""
        began = time.monotonic()
        html = {**visitor.headers, "Accept": "text/html"}
        while "Refresh" in (page := await self._http.get(f"/jst/boards/{board}", headers=html)).headers:
            self.turned_away += 1
            await asyncio.sleep(float(page.headers["Refresh"]))
        page.raise_for_status()
        wanted = [f"/jst/boards/{board}/data", *(_FILE.findall(page.text) if cold else ())]
        await asyncio.gather(*(self._get(str(page.url.join(path)), visitor) for path in wanted))
        return time.monotonic() - began

    async def poll(self, visitor: Visitor, board: str, etag: str = "") -> tuple[int, str, int]:
        """Ask for figures once; returns the status, their ETag and the bytes that came."""
        headers = visitor.headers | ({"If-None-Match": etag} if etag else {})
        answer = await self._http.get(f"/jst/boards/{board}/data", headers=headers)
        if answer.status_code != httpx.codes.NOT_MODIFIED:
            answer.raise_for_status()
        return answer.status_code, answer.headers.get("ETag", ""), answer.num_bytes_downloaded

    async def version(self) -> float:
        """Ask Airflow itself something small; returns seconds."""
        began = time.monotonic()
        (await self._http.get("/api/v2/version")).raise_for_status()
        return time.monotonic() - began

    async def _get(self, path: str, visitor: Visitor) -> None:
        (await self._http.get(path, headers=visitor.headers)).raise_for_status()


class Polls:
    """Pages that stay open: each asks again after its board's ``seconds``, give or take a fifth, when the last answer
    has come. What a page has seen is kept from one ``run`` to the next."""

    def __init__(self, house: House) -> None:
        self._house, self._etags = house, dict[tuple[str, str], str]()
        self.times: list[float] = []
        self.unchanged = self.bytes = 0

    async def run(self, watchers: Sequence[tuple[Visitor, str, float]], seconds: float) -> None:
        """Let all (visitor, board, seconds) poll for so long, and count anew."""
        self.times, self.unchanged, self.bytes = [], 0, 0
        until = time.monotonic() + seconds
        await asyncio.gather(*(self._page(number, *each, until) for number, each in enumerate(watchers)))

    async def _page(self, number: int, visitor: Visitor, board: str, every: float, until: float) -> None:
        draw, page = random.Random(f"{number}{until}"), (f"{number}", board)
        await asyncio.sleep(draw.uniform(0, every))
        while time.monotonic() < until:
            began = time.monotonic()
            status, etag, size = await self._house.poll(visitor, board, self._etags.get(page, ""))
            self._etags[page] = etag
            self.times.append(time.monotonic() - began)
            self.unchanged += status == httpx.codes.NOT_MODIFIED
            self.bytes += size
            await asyncio.sleep(every * draw.uniform(0.8, 1.2))
