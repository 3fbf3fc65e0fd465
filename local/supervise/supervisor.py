"""The small supervisor: starts the stack in order, restarts what dies, stops everything in reverse order.

Two processes. The guard adopts whatever loses its parent and, when the supervisor below it is gone for whatever
reason, ends all that is left. The supervisor does the work. Neither can die without the stack ending.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FrameType

from local.layout import Layout, LocalError
from local.services.process import Service, Step, die_with_parent, last_words, spawn
from local.supervise.keeper import Keeper
from local.supervise.reaper import adopt_orphans, end_descendants, kill_strays
from local.supervise.rotation import rotate
from local.supervise.settings import fingerprints
from local.supervise.start_order import Group, groups, has_sandbox
from local.supervise.state import Event, State, hold_lock

_TICK = 0.1
_ROTATE_EVERY = 60.0


class _Stop(Exception):
    """A signal or a command asked us to end."""


@dataclass(frozen=True)
class _Pending:
    item: Service | Step
    event: Event
    began: float
    done: Callable[[], bool]


class Supervisor:
    """Runs one layout until SIGTERM or SIGINT."""

    def __init__(self, layout: Layout, plan: list[Group]) -> None:
        self._layout, self._plan = layout, plan
        self._state = State(
            ports=layout.ports,
            sandbox=has_sandbox(),
            settings=fingerprints(layout, os.environ),
            supervisor=os.getpid(),
        )
        self._started: list[list[Keeper]] = []
        self._steps: list[subprocess.Popen[bytes]] = []
        self._rotated = time.monotonic()

    def run(self) -> int:
        """Start everything, then watch; 0 after an ordinary stop, 1 when starting failed."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _raise_stop)
        try:
            for group in self._plan:
                self._start(group)
            self._state.phase = "running"
            self._write()
            while True:
                self._tick()
                time.sleep(_TICK)
        except _Stop:
            self._state.phase = "stopping"
        except LocalError as problem:
            self._state.phase, self._state.error = "failed", str(problem)
        except Exception as problem:
            traceback.print_exc()
            self._state.phase, self._state.error = (
                "failed",
                f"监管进程内部错误 {problem!r}（日志 .local/logs/supervisor.log）",
            )
        self._stop()
        return int(self._state.phase == "failed")

    def _start(self, group: Group) -> None:
        self._started.append([])
        waiting = [pending for item in group if (pending := self._begin(item)) is not None]
        while waiting:
            self._tick()
            waiting = [pending for pending in waiting if not self._has_finished(pending)]
            time.sleep(_TICK)
        self._steps.clear()

    def _begin(self, item: Service | Step) -> _Pending | None:
        event = Event(item.title)
        self._state.events.append(event)
        self._write()
        began = time.monotonic()
        if isinstance(item, Step) and item.stamp is not None and item.stamp.exists():
            event.seconds, event.note = 0.0, "已是最新"
            return None
        item.prepare()
        if isinstance(item, Step):
            self._steps.append(spawn(item))
            return _Pending(item, event, began, partial(_ended_well, item, self._steps[-1]))
        keeper = Keeper(item, self._state.processes)
        self._started[-1].append(keeper)
        return _Pending(item, event, began, keeper.is_up)

    def _has_finished(self, pending: _Pending) -> bool:
        item, passed = pending.item, time.monotonic() - pending.began
        if not pending.done():
            if passed > item.seconds:
                raise LocalError(f"{item.title} 在 {item.seconds:.0f} 秒内没有就绪：{last_words(item.log)}")
            return False
        pending.event.seconds = round(passed, 1)
        if isinstance(item, Step) and item.stamp is not None:
            item.stamp.parent.mkdir(parents=True, exist_ok=True)
            item.stamp.touch()
        self._write()
        return True

    def _tick(self) -> None:
        changed = False
        for keeper in (keeper for group in self._started for keeper in group):
            changed |= keeper.look()
        # a task whose worker died would go on beside its next try
        kill_strays({step.pid for step in self._steps} | {process.pid for process in self._state.processes.values()})
        if changed:
            self._write()
        if time.monotonic() - self._rotated > _ROTATE_EVERY:
            self._rotated = time.monotonic()
            rotate(self._layout.logs)

    def _stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        self._write()
        for step in self._steps:
            step.kill()
            step.wait()
        for group in reversed(self._started):
            for keeper in group:
                keeper.ask_to_stop()
            for keeper in group:
                keeper.wait_until_stopped()
                self._write()
        kill_strays(set())

    def _write(self) -> None:
        self._state.write(self._layout)


def _ended_well(item: Step, step: subprocess.Popen[bytes]) -> bool:
    code = step.poll()
    if code is None:
        return False
    if code != 0:
        raise LocalError(f"{item.title} 失败（代码 {code}）：{last_words(item.log)}")
    return True


def _raise_stop(number: int, frame: FrameType | None) -> None:
    raise _Stop


def supervise(layout: Layout, plan: list[Group]) -> None:
    """Run the plan until asked to end; exits with 1 when it could not be started or is running already."""
    lock = hold_lock(layout, patience=3.0)
    if lock is None:
        raise SystemExit("已经有一个监管进程在运行")
    guard = os.getpid()
    child = os.fork()
    if child == 0:
        die_with_parent(guard, signal.SIGTERM)
        adopt_orphans()
        sys.exit(Supervisor(layout, plan).run())
    _guard(child)


def _guard(child: int) -> None:
    adopt_orphans()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: os.kill(child, signal.SIGTERM))
    pid = status = 0
    while pid != child:
        pid, status = os.waitpid(-1, 0)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    end_descendants(seconds=20.0)
    raise SystemExit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    here = Layout.default(os.environ)
    supervise(here, groups(here))
