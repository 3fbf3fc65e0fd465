"""The stand-ins of DingTalk, Feishu and SMS as a real server in a thread, and connections to them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from local.sandbox.__main__ import CuttableProtocol
from local.sandbox.messengers.desk import Desk
from local.sandbox.messengers.keys import Keys
from local.sandbox.messengers.room import Seen

SECRET = "messengers-secret-0123456789abcdef"  # noqa: S105 -- of servers that live as long as the run


class Messengers:
    """What people see is asked over HTTP, as every other client would."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """``clock``: Unix seconds; by default the machine's, moved by ``moved``."""
        self.moved = 0.0
        desk = Desk(SECRET, self._sleep, clock or (lambda: time.time() + self.moved))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        app = Starlette(routes=desk.routes(lambda answer: answer))
        config = uvicorn.Config(app, http=CuttableProtocol, log_level="critical", timeout_graceful_shutdown=0)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: self._server.run([self._listener]), daemon=True)
        self._thread.start()
        self._http = httpx.Client(base_url=self.url, trust_env=False)

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 30.0))

    def close(self) -> None:
        self._http.close()
        self._server.should_exit = True
        self._thread.join(5)
        self._listener.close()

    def reset(self) -> None:
        """Begin again: empty groups, no faults, no limit used up."""
        self.moved = 0.0
        self._http.delete("/sandbox/messages").raise_for_status()
        self.faults()

    def faults(self, **faults: Any) -> None:
        self._http.put("/sandbox/messages/faults", json=faults).raise_for_status()

    def seen(self, vendor: str = "") -> list[Seen]:
        listed = self._http.get("/sandbox/messages").raise_for_status().json()["messages"]
        return [Seen(**each) for each in listed if vendor in ("", each["vendor"])]

    def answers(self) -> Counter[str]:
        """Count the answers by vendor and code."""
        return Counter(self._http.get("/sandbox/messages").raise_for_status().json()["answers"])

    def page(self) -> str:
        return self._http.get("/sandbox/messages/page").raise_for_status().text

    def picture(self, number: int) -> bytes:
        return self._http.get(f"/sandbox/messages/picture/{number}").raise_for_status().content

    def connection(self, conn_id: str, **changed: Any) -> Any:
        """Return one of the three connections as Airflow holds it; ``changed``: fields, or extras."""
        fields = {"login": None, "port": None, **Keys(SECRET).connections(self.url)[conn_id]}
        extra = fields.pop("extra")
        for name, value in changed.items():
            (fields if name in fields else extra)[name] = value
        return SimpleNamespace(conn_id=conn_id, **fields, extra_dejson=extra)
