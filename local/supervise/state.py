"""What the supervisor tells the commands: one small JSON file, written whole, and a lock held as long as it lives."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import IO, Literal

from local.layout import Layout, Ports

Phase = Literal["starting", "running", "stopping", "failed"]


@dataclass
class Process:
    """One supervised process; ``since`` is Unix seconds of its last start."""

    title: str
    pid: int = 0
    state: Literal["starting", "running", "restarting", "down"] = "starting"
    restarts: int = 0
    since: float = 0.0


@dataclass
class Event:
    """One finished or running start step; ``seconds`` is None while it runs."""

    title: str
    seconds: float | None = None
    note: str = ""


@dataclass
class State:
    """``settings``: fingerprints of what it was started with; None: by a supervisor that did not keep them."""

    ports: Ports
    sandbox: bool = True
    settings: dict[str, str] | None = None
    phase: Phase = "starting"
    error: str = ""
    supervisor: int = 0
    started: float = field(default_factory=time.time)
    events: list[Event] = field(default_factory=list)
    processes: dict[str, Process] = field(default_factory=dict)

    def write(self, layout: Layout) -> None:
        path = _path(layout)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(self), ensure_ascii=False), "utf-8")
        part.replace(path)

    @classmethod
    def read(cls, layout: Layout) -> State | None:
        """Return the last state written, whether or not its supervisor still lives; None when there is none."""
        path = _path(layout)
        if not path.exists():
            return None
        facts = json.loads(path.read_text("utf-8"))
        known = {item.name for item in fields(Ports)}  # a stack that an earlier version started has one more
        facts["ports"] = Ports(**{name: port for name, port in facts["ports"].items() if name in known})
        facts["events"] = [Event(**event) for event in facts["events"]]
        facts["processes"] = {name: Process(**process) for name, process in facts["processes"].items()}
        return cls(**facts)


def _path(layout: Layout) -> Path:
    return layout.run / "state.json"


def hold_lock(layout: Layout, *, patience: float = 0.0) -> IO[str] | None:
    """Become the one supervisor of this installation; None when there is one already. Released by the kernel.

    ``patience`` in seconds: a process that only looks (``is_alive``) holds the lock for a moment, too.
    """
    deadline = time.monotonic() + patience
    while (handle := _try_lock(layout)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return handle


def _try_lock(layout: Layout) -> IO[str] | None:
    layout.run.mkdir(parents=True, exist_ok=True)
    handle = (layout.run / "lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    os.set_inheritable(handle.fileno(), False)
    return handle


def is_alive(layout: Layout) -> bool:
    """Whether a supervisor holds the lock."""
    handle = _try_lock(layout)
    if handle is None:
        return True
    handle.close()
    return False
