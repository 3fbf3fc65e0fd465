"""Plays Airflow: starts the tasks of the DAGs, tries them again when they end badly, starts the next run."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

from bench.chaos.points import Strike
from bench.chaos.tasks import BROKEN, DONE, Task, enter, log_of
from bench.chaos.trap import Shared
from bench.chaos.trapped_wiring import Places
from bench.instruments.live_tables import LIVE
from local.services.process import last_words

RETRY_SECONDS, REFRESH_SECONDS = 0.5, 1.5


@dataclass(slots=True)
class _Running:
    task: Task
    process: ForkServerProcess
    wire: Connection


@dataclass(frozen=True, slots=True)
class Sprung:
    """A task has come to the armed strike's moment. ``go_on``: it waits for this before it does."""

    number: int
    task: Task
    wire: Connection

    def go_on(self) -> None:
        try:
            self.wire.send(None)
        except OSError:  # it was killed meanwhile
            return


@dataclass(slots=True)
class Scheduler:
    """Call ``turn`` again and again; nothing happens between two turns."""

    places: Places
    strikes: Sequence[Strike]
    logs: Path
    ends: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    first_load_done: bool = False
    _running: dict[str, _Running] = field(default_factory=dict)
    _due: list[tuple[float, Task]] = field(default_factory=list)
    _armed: Shared = field(default_factory=lambda: RawValue("i", 0))
    _pulled: dict[str, Shared] = field(default_factory=lambda: {module: RawValue("i", 0) for module in ("", *LIVE)})

    def __post_init__(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._begin(Task("marts", "", 1))
        self._begin(Task("initial", "", 1))
        self._begin(Task("refresh", "", 1))
        for module in LIVE:
            self._begin(Task("watch", module, 1))

    def arm(self, number: int) -> None:
        """From now on tasks look out for this strike; 0: for none."""
        self._armed.value = number

    def turn(self, seconds: float) -> list[Sprung]:
        """Wait for something to happen, at most so long, and do what it asks for; returns traps that sprang."""
        now = time.monotonic()
        due = [task for at, task in self._due if at <= now]
        self._due = [(at, task) for at, task in self._due if at > now]
        for task in due:
            self._begin(task)
        everybody = list(self._running.values())
        ready = wait([*(each.wire for each in everybody), *(each.process.sentinel for each in everybody)], seconds)
        sprung = [word for each in everybody if each.wire in ready and (word := self._receive(each))]
        for each in everybody:
            if each.process.sentinel in ready:
                self._ended(each)
        return sprung

    def _receive(self, running: _Running) -> Sprung | None:
        try:
            return Sprung(running.wire.recv(), running.task, running.wire)
        except (EOFError, OSError):
            return None

    def _begin(self, task: Task) -> None:
        ours, theirs = _context().Pipe()
        arguments = (self.logs, task, self.places, self.strikes, self._armed, self._pulled[task.module], theirs)
        process = _context().Process(target=enter, args=arguments, daemon=True)
        process.start()
        theirs.close()
        self._running[task.name] = _Running(task, process, ours)

    def _ended(self, running: _Running) -> None:
        running.process.join()
        task, code = running.task, running.process.exitcode
        del self._running[task.name]
        running.wire.close()
        self.ends[{0: "done", 1: "again"}.get(code or 0, "broken" if code == BROKEN else "killed")] += 1
        if code == DONE:
            self._after(task)
            return
        if code == BROKEN:
            self.broken.append(f"{task.name}：{last_words(log_of(self.logs, task), 1)}")
        self._due.append((time.monotonic() + RETRY_SECONDS, task))

    def _after(self, task: Task) -> None:
        if task.role == "initial":
            self.first_load_done = True
        elif task.role in ("refresh", "marts"):
            self._due.append((time.monotonic() + REFRESH_SECONDS, Task(task.role, task.module, task.run + 1)))
        elif task.role == "watch":
            self._pulled[task.module].value = 0
            self._begin(Task("pull", task.module, task.run))
            self._begin(Task("load", task.module, task.run))
        else:
            if task.role == "pull":
                self._pulled[task.module].value = 1
            if not self._under_way(task):
                self._begin(Task("watch", task.module, task.run + 1))

    def _under_way(self, ended: Task) -> bool:
        """Whether the run's other half is running or will be tried again."""
        others = [running.task for running in self._running.values()] + [task for _, task in self._due]
        return any(other.module == ended.module and other.run == ended.run for other in others if other.module)

    def close(self) -> None:
        for running in self._running.values():
            running.process.kill()
            running.process.join()
        self._running.clear()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.chaos.tasks"])
    return context
