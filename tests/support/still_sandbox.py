"""A sandbox process that stands still, and what a client needs to talk to it over a real line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from jst.clock import SystemClock
from jst.erp.client import Rate
from jst.erp.connection_settings import Settings
from jst.model.window import Window, floor_second
from local.instance import free_ports

SECRET = "contract-secret-0123456789abcdefg"


class Spaced:
    """Grants a request every ``seconds``, below the sandbox's tightest quota for sale-outs when not told otherwise."""

    def __init__(self, seconds: float = 1 / 12) -> None:
        self._seconds = seconds
        self.tickets = 0

    def take(self, bucket: str, rates: Sequence[Rate], origin: str, /) -> int:
        SystemClock().sleep(self._seconds)
        self.tickets += 1
        return self.tickets

    def refused(self, bucket: str, after: float, origin: str, /) -> None: ...

    def storm(self, bucket: str, /) -> str:
        return ""


class Sandbox:
    """A sandbox that stands still and holds some orders and SKUs."""

    def __init__(self, data: Path, *options: str) -> None:
        self.url = f"http://127.0.0.1:{free_ports().erp}"
        self.http = httpx.Client(base_url=self.url, trust_env=False)
        command = [sys.executable, "-m", "local.sandbox", "--port", self.url.rpartition(":")[2], "--data", str(data)]
        self.process = subprocess.Popen(
            [*command, "--skus", "120", *options],
            env={**os.environ, "JST_ERP_SECRET": SECRET},
            stdout=subprocess.DEVNULL,
        )
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

    def touch(self, module: str, *keys: str) -> None:
        """Their modified becomes now."""
        self.http.post("/sandbox/touch", json={"module": module, "keys": keys}).raise_for_status()

    def faults(self, **faults: dict[str, Any]) -> None:
        self.http.put("/sandbox/faults", json=faults).raise_for_status()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.http.close()


def settings(sandbox: Sandbox, dialect: str = "gateway", **changes: Any) -> Settings:
    extra = {"timeout_seconds": 1, "dialect": dialect}
    return replace(Settings.from_connection(sandbox.url, None, None, "sandbox_app", SECRET, extra), **changes)


def week() -> Window:
    now = floor_second(SystemClock().now())
    return Window(now - timedelta(days=7), now)
