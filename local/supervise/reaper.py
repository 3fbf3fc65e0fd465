"""Orphans: processes whose parent died become ours (Linux child subreaper), and are ended."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """From now on descendants that lose their parent become this process's children."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_strays(known: set[int]) -> None:
    """Kill children that are not ``known``: what a dead service left behind. Each that dies may leave us its own."""
    while strays := _children() - known:
        for pid in strays:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in strays:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def end_descendants(*, seconds: float) -> None:
    """Ask all descendants to end, as they become ours; after ``seconds`` kill the rest."""
    deadline = time.monotonic() + seconds
    asked: set[int] = set()
    while children := _children():
        for pid in children - asked:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        asked |= children
        if time.monotonic() > deadline:
            kill_strays(set())
        _reap()
        time.sleep(0.05)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def _children() -> set[int]:
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")
    return {int(pid) for pid in text.split()}
