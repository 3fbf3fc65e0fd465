"""A sandbox ERP as a process of its own, for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from local.instance import free_ports
from tests.support.sandbox_forks import ForkedSandbox

SECRET = "integration-secret-0123456789abcdef"


class Sandbox:
    """A sandbox ERP of its own, as a process that can be stopped and killed."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self.options = data, options
        self.port = free_ports().erp
        self.url = f"http://127.0.0.1:{self.port}"
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=20)
        self.moved = self._owed = 0.0
        self.standing: dict[str, Any] = {}
        """Faults that stay in force whatever others are put."""
        self.process = self._start()

    def _start(self) -> ForkedSandbox:
        process = ForkedSandbox(["--port", str(self.port), "--data", str(self.data), *self.options], SECRET)
        try:
            for attempt in Retrying(
                wait=wait_fixed(0.05), stop=stop_after_delay(90), retry=retry_if_exception_type(httpx.HTTPError)
            ):
                with attempt:
                    if not process.lives():
                        raise RuntimeError("the sandbox ended before it answered")
                    self._http.get("/sandbox/health").raise_for_status()
        except RetryError:
            process.kill()  # left running, each would make the next one's start slower
            raise
        return process

    def post(self, path: str, body: Any = None) -> Any:
        return self._http.post(f"/sandbox/{path}", json=body).raise_for_status().json()

    def forward(self, seconds: float) -> None:
        """Let the shop live through ``seconds`` at once, or when it is started again; ``moved`` is their sum."""
        if self.process.lives():
            self.post("clock", {"seconds": seconds})
        else:
            self._owed += seconds
        self.moved += seconds

    def put(self, order: str) -> None:
        """Plant a row: the order as JSON, which may hold what Python would not write."""
        self._http.post("/sandbox/put", content=order.encode("utf-8", "surrogatepass")).raise_for_status()

    def get(self, path: str) -> Any:
        return self._http.get(f"/sandbox/{path}").raise_for_status().json()

    def faults(self, **faults: Any) -> None:
        self._http.put("/sandbox/faults", json=self.standing | faults).raise_for_status()

    def truth(self, module: str) -> list[dict[str, Any]]:
        text = self._http.get(f"/sandbox/truth/{module}").raise_for_status().text
        return [json.loads(line) for line in text.splitlines() if line]

    def stop(self) -> None:
        self.process.stop(10)

    def start(self) -> None:
        self.process = self._start()
        self.post("clock", {"seconds": self._owed})
        self._owed = 0.0

    def close(self) -> None:
        self.stop()
        self._http.close()
