"""A sandbox process that stands still, and what a client needs to talk to it over a real line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from jst.clock import SystemClock
from jst.erp.call_outcome import Call
from jst.erp.client import Client, Page, Rate
from jst.erp.connection_settings import Settings
from jst.flow.reading.records import read_row
from jst.model.module import Module
from jst.model.window import Window, floor_second
from local.instance import free_ports
from tests.support.clocks import Impatient
from tests.support.sandbox_forks import ForkedSandbox

SECRET = "contract-secret-0123456789abcdefg"


class Granting:
    """A budget that grants at once: the sandbox counts no requests here."""

    def __init__(self) -> None:
        self.tickets = 0

    def wait_for_slot(self, bucket: str, rates: Sequence[Rate], origin: str, /) -> int:
        self.tickets += 1
        return self.tickets

    def refused(self, bucket: str, after: float, origin: str, /) -> None: ...

    def answered(self, call: Call, /) -> None: ...

    def storm(self, bucket: str, /) -> str:
        return ""


class StillSandbox:
    """A sandbox that stands still and holds some orders and SKUs."""

    def __init__(self, data: Path, dialect: str, *options: str) -> None:
        self.dialect = dialect
        self.url = f"http://127.0.0.1:{free_ports().erp}"
        self.http = httpx.Client(base_url=self.url, trust_env=False)
        place = ["--port", self.url.rpartition(":")[2], "--data", str(data)]
        self.process = ForkedSandbox([*place, "--dialect", dialect, "--skus", "120", *options], SECRET)
        self._until(lambda: self.http.get("/sandbox/health").raise_for_status())
        self._until(self._has_orders)
        self.http.post("/sandbox/freeze").raise_for_status()

    def _until(self, check: Any) -> None:
        patience = Retrying(
            stop=stop_after_delay(15),
            wait=wait_fixed(0.1),
            retry=retry_if_exception_type((httpx.HTTPError, LookupError)),
        )
        patience(check)

    def _has_orders(self) -> None:
        if self.stats()["rows"]["sale_out"] < 30:
            raise LookupError

    def stats(self) -> Any:
        return self.http.get("/sandbox/stats").raise_for_status().json()

    def truth(self, module: str) -> list[str]:
        """Every row of a module, as JSON."""
        return self.http.get(f"/sandbox/truth/{module}").raise_for_status().text.splitlines()

    def requests(self) -> int:
        """How many the source has had."""
        return sum(sum(answers.values()) for answers in self.stats()["requests"].values())

    def client(self, **changes: Any) -> Client:
        """Return a client that waits for nothing; ``changes`` are to its settings."""
        extra = {"timeout_seconds": 1, "dialect": self.dialect}
        settings = Settings.from_connection(self.url, None, None, "sandbox_app", SECRET, extra)
        return Client(replace(settings, **changes), Granting(), Impatient())

    def forward(self, seconds: float) -> None:
        """Move its clock."""
        self.http.post("/sandbox/clock", json={"seconds": seconds}).raise_for_status()

    def touch(self, module: str, *keys: str) -> None:
        """Their modified becomes now."""
        self.http.post("/sandbox/touch", json={"module": module, "keys": keys}).raise_for_status()

    def faults(self, **faults: dict[str, Any]) -> None:
        self.http.put("/sandbox/faults", json=faults).raise_for_status()

    def close(self) -> None:
        self.process.stop(10)
        self.http.close()


def week() -> Window:
    now = floor_second(SystemClock().now())
    return Window(now - timedelta(days=7), now)


def keys_of(module: Module, page: Page) -> list[str]:
    return [read_row(module, row, page.server_time).key for row in page.rows]
