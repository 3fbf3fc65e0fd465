"""The stack of this clone, for measurements that need it running on the sandbox."""

from __future__ import annotations

from local.layout import Layout, LocalError
from local.stack import current_layout
from local.supervise.state import State, is_alive


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
