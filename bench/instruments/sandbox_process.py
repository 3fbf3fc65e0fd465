"""A sandbox ERP of a measurement's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.layout import HOST, python_environment
from local.services.process import Service, http_ok, start, stop
from local.services.source import APP_KEY

KEY, SECRET = APP_KEY, "sandbox-secret-0123456789abcdef0123456789"


def sandbox(port: int, data: Path, *options: str, secret: str = SECRET) -> Service:
    """Describe a sandbox that listens on ``port`` and keeps its shop, and its log, in ``data``."""
    return Service(
        name="erp",
        title="沙箱 ERP",
        argv=[sys.executable, "-m", "local.sandbox", "--port", str(port), "--data", str(data)]
        + ["--app-key", KEY, *options],
        env={**python_environment(), "JST_ERP_SECRET": secret},
        log=data / "sandbox.log",
        ready=lambda: http_ok(f"{url_of(port)}/sandbox/health"),
        seconds=300.0,  # a shop with a history writes it first
    )


def url_of(port: int) -> str:
    return f"http://{HOST}:{port}"


@contextmanager
def running(service: Service) -> Iterator[None]:
    """Start it, and stop it afterwards. Raises LocalError when it does not get ready."""
    process = start(service)
    try:
        yield
    finally:
        stop(service, process)
