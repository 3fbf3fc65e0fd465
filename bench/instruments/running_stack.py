"""The stack of this clone, for measurements that need it running on the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from local.layout import HOST, Layout, LocalError
from local.stack import current_layout
from local.supervise.state import State, is_alive

BUSY = 50_000
"""Orders per hour, every second alike: what the figures in docs/benchmarks.md are about."""


def running_layout(why_sandbox: str) -> Layout:
    """Return the running stack's layout. Raises LocalError when the stack does not run, or when its source is not the
    sandbox, with ``why_sandbox``."""
    layout = current_layout()
    state = State.read(layout) if is_alive(layout) else None
    if state is None or state.phase != "running":
        raise LocalError("没有在运行：先运行 make up")
    if not state.sandbox:
        raise LocalError(f"源端不是沙箱 ERP：{why_sandbox}")
    return layout


@contextmanager
def busy_stack(why_sandbox: str, per_hour: int = BUSY) -> Iterator[Layout]:
    """Yield the running stack's layout while its shop sells so many orders an hour; then it sells as before. Raises as
    ``running_layout``, and httpx errors while the sandbox is away."""
    layout = running_layout(why_sandbox)
    with _sandbox(layout) as erp:
        before = erp.get("/stats").raise_for_status().json()
        erp.post("/orders_per_hour", json={"value": per_hour}).raise_for_status()
        try:
            yield layout
        finally:
            usual = {"value": before["orders_per_hour"], "rhythm": before["rhythm"]}
            erp.post("/orders_per_hour", json=usual).raise_for_status()


@contextmanager
def still_shop(layout: Layout) -> Iterator[None]:
    """Let nothing change at the source meanwhile. Raises httpx errors while the sandbox is away."""
    with _sandbox(layout) as erp:
        erp.post("/freeze").raise_for_status()
        try:
            yield
        finally:
            erp.post("/thaw").raise_for_status()


def _sandbox(layout: Layout) -> httpx.Client:
    return httpx.Client(base_url=f"http://{HOST}:{layout.ports.erp}/sandbox", trust_env=False, timeout=20)
