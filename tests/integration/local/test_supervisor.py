"""The supervisor with real processes: order, restarts, clean stops, and no orphan whoever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from local.layout import ROOT, python_environment
from local.supervise.state import State, is_alive
from tests.support.small_stack import layout


@contextmanager
def supervised(home: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The small stack under its guard; everything is gone afterwards, whatever the test did."""
    command = [sys.executable, "-m", "tests.support.small_stack", str(home), *arguments]
    guard = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **python_environment()}, start_new_session=True)
    try:
        yield guard
    finally:
        guard.terminate()
        guard.wait(15)


def eventually(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.05)
    return what()


def state(home: Path) -> State:
    found = State.read(layout(home))
    assert found is not None
    return found


def is_running(home: Path) -> bool:
    found = State.read(layout(home))
    return found is not None and found.phase == "running"


def descendants(pid: int) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    return found


def test_groups_start_in_order_and_everything_ends_with_sigterm(tmp_path: Path) -> None:
    with supervised(tmp_path) as guard:
        assert eventually(lambda: is_running(tmp_path))
        assert [event.title for event in state(tmp_path).events] == ["sleepy", "某一步", "calm"]
        family = descendants(guard.pid)
        guard.terminate()
        assert guard.wait(15) == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []
        assert not is_alive(layout(tmp_path))


def test_a_killed_service_is_restarted_and_its_grandchildren_do_not_pile_up(tmp_path: Path) -> None:
    with supervised(tmp_path) as guard:
        assert eventually(lambda: is_running(tmp_path))
        # a service is ready before its shell has started the last of its children
        assert eventually(lambda: [each.name() for each in descendants(guard.pid)].count("sleep") == 3)
        before, size = state(tmp_path).processes["sleepy"].pid, len(descendants(guard.pid))
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: state(tmp_path).processes["sleepy"].restarts == 1)
        assert eventually(lambda: state(tmp_path).processes["sleepy"].state == "running")
        assert state(tmp_path).processes["sleepy"].pid not in {0, before}
        assert eventually(lambda: len(descendants(guard.pid)) == size)


def test_a_task_does_not_outlive_its_killed_worker(tmp_path: Path) -> None:
    with supervised(tmp_path):
        assert eventually(lambda: is_running(tmp_path))
        service = psutil.Process(state(tmp_path).processes["sleepy"].pid)
        assert eventually(lambda: len(service.children(recursive=True)) == 3)
        worker = next(child for child in service.children() if child.children())
        (task,) = worker.children()
        worker.kill()
        assert psutil.wait_procs([task], timeout=5)[1] == []
        assert state(tmp_path).processes["sleepy"].restarts == 0


def test_what_needs_a_killed_server_is_restarted_once(tmp_path: Path) -> None:
    with supervised(tmp_path):
        assert eventually(lambda: is_running(tmp_path))
        before = state(tmp_path).processes["calm"].pid
        os.kill(state(tmp_path).processes["sleepy"].pid, signal.SIGKILL)
        assert eventually(lambda: state(tmp_path).processes["calm"].restarts == 1)
        assert eventually(lambda: state(tmp_path).processes["calm"].state == "running")
        assert state(tmp_path).processes["calm"].pid not in {0, before}
        os.kill(state(tmp_path).processes["calm"].pid, signal.SIGKILL)
        assert eventually(lambda: state(tmp_path).processes["calm"].restarts == 2)
        assert state(tmp_path).processes["sleepy"].restarts == 1


@pytest.mark.parametrize("victim", ["supervisor", "guard"])
def test_killing_the_supervisor_leaves_nothing_behind(tmp_path: Path, victim: str) -> None:
    with supervised(tmp_path) as guard:
        assert eventually(lambda: is_running(tmp_path))
        family = descendants(guard.pid)
        os.kill(guard.pid if victim == "guard" else state(tmp_path).supervisor, signal.SIGKILL)
        assert psutil.wait_procs(family, timeout=15)[1] == []
        assert eventually(lambda: not is_alive(layout(tmp_path)))


def test_a_failing_step_stops_what_was_started_and_says_why(tmp_path: Path) -> None:
    with supervised(tmp_path, "fail") as guard:
        family = descendants(guard.pid)
        assert guard.wait(15) == 1
        assert psutil.wait_procs(family, timeout=5)[1] == []
        assert state(tmp_path).phase == "failed"
        assert "某一步 失败（代码 3）：账号不对" in state(tmp_path).error


def test_only_one_supervisor_runs_at_a_time(tmp_path: Path) -> None:
    with supervised(tmp_path):
        assert eventually(lambda: is_running(tmp_path))
        with supervised(tmp_path) as second:
            assert second.wait(15) == 1
        assert is_running(tmp_path)
