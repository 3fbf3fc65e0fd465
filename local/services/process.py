"""Start and stop one server process so that it can never outlive the process that started it."""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from local.layout import HOST, ROOT, LocalError
from local.services.os_account import become

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Service:
    """A server: how to start it, when it is ready (at most ``seconds`` later), how to stop it. ``needs``: a server
    whose restart it does not survive in working order, so it is restarted, too."""

    name: str
    title: str
    argv: Sequence[str]
    log: Path
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    account: int | None = None
    needs: str = ""
    prepare: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Step:
    """A command that must end well before the next group starts. ``stamp``: it is not run again once that exists."""

    name: str
    title: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0
    stamp: Path | None = None
    stop_signal: int = signal.SIGTERM
    account: int | None = None
    prepare: Callable[[], None] = _nothing


def die_with_parent(parent: int, number: int) -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # the parent died between fork and prctl: no signal will ever come
        os._exit(1)


def spawn(service: Service | Step) -> subprocess.Popen[bytes]:
    """Start the service in a session of its own; it gets its stop signal when the calling thread dies."""
    service.log.parent.mkdir(parents=True, exist_ok=True)
    # a step's log holds its last run only, so that an error sentence never quotes an older one
    with service.log.open("wb" if isinstance(service, Step) else "ab") as out:
        return subprocess.Popen(
            list(service.argv),
            env={**os.environ, **service.env},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(_enter, os.getpid(), service.stop_signal, service.account),
        )


def _enter(parent: int, number: int, account: int | None) -> None:
    """Between fork and exec; the death signal comes last, because changing the account clears it."""
    if account is not None:
        become(account)
    die_with_parent(parent, number)


def start(service: Service) -> subprocess.Popen[bytes]:
    """Prepare, spawn and wait until ready; raises LocalError (nothing left running) when it does not get there."""
    service.prepare()
    process = spawn(service)
    deadline = time.monotonic() + service.seconds
    while not service.ready():
        if process.poll() is not None:
            raise LocalError(f"{service.title} 启动后退出（代码 {process.returncode}）：{last_words(service.log)}")
        if time.monotonic() > deadline:
            stop(service, process)
            raise LocalError(f"{service.title} 在 {service.seconds:.0f} 秒内没有就绪：{last_words(service.log)}")
        time.sleep(0.05)
    return process


def run(step: Step) -> None:
    """Run a step to its end; raises LocalError with its last words when it fails or takes too long."""
    step.prepare()
    process = spawn(step)
    try:
        code = process.wait(step.seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise LocalError(f"{step.title} 在 {step.seconds:.0f} 秒内没有完成：{last_words(step.log)}") from None
    if code != 0:
        raise LocalError(f"{step.title} 失败（代码 {code}）：{last_words(step.log)}")


def stop(service: Service, process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, then kill whatever is left of its process group."""
    if process.poll() is None:
        process.send_signal(service.stop_signal)
        try:
            process.wait(service.stop_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    kill_group(process.pid)


def kill_group(leader: int) -> None:
    """Kill what a dead session leader left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def last_words(log: Path, lines: int = 3) -> str:
    """Return the end of a log, for an error sentence; the file itself is named."""
    text = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    return f"{' / '.join(line.strip()[:200] for line in text[-lines:]) or '没有输出'}（日志 {shown(log)}）"


def shown(path: Path) -> str:
    """Return a path as a person at the repository's root would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def http_ok(url: str) -> bool:
    """Whether a GET is answered with 2xx within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:
            return bool(200 <= answer.status < 300)
    except (OSError, http.client.HTTPException):
        return False


def http_json(url: str) -> Any:
    """Return the JSON a GET answers with; None when it does not."""
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:
            return json.load(answer)
    except (OSError, http.client.HTTPException, ValueError):
        return None


def answers(port: int) -> bool:
    """Whether something accepts connections on a local port."""
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True
