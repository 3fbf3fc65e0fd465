"""Core-seconds and memory of the stack's processes, children included, dead ones too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psutil

TASKS = "scheduler 的任务"
_WITH_TASKS = "scheduler"


@dataclass(slots=True)
class Usage:
    """``cpu``: core-seconds since the meter began; ``pss``: largest proportional memory seen, in bytes."""

    cpu: float = 0.0
    pss: int = 0


@dataclass(slots=True)
class Meter:
    """Add up what happens between two looks. A dead child's time stays with its parent, who waited for it; what a
    restarted process used between the last look and its death is not counted."""

    usage: dict[str, Usage] = field(default_factory=lambda: defaultdict(Usage))
    _last: dict[tuple[str, int, float], float] = field(default_factory=dict)

    def look(self, roots: Mapping[str, int], single: Mapping[str, int]) -> None:
        """``roots``: name → pid of a process counted with its children; ``single``: without them."""
        children = _children()
        for name, pid in roots.items():
            self._tree(name, pid, children)
        for name, pid in single.items():
            for process in _alive(pid):
                self._add(name, process, _own(process))
                self._remember(name, _pss(process))

    def _tree(self, name: str, pid: int, children: Mapping[int, list[int]]) -> None:
        for top in _alive(pid):
            members = [process for each in _descendants(pid, children) for process in _alive(each)]
            own, total = _own(top), sum(map(_with_waited, [top, *members]))
            memory = sum(map(_pss, members))
            if name == _WITH_TASKS:
                self._add(name, top, own)
                self._add(TASKS, top, total - own)
                self._remember(name, _pss(top))
                self._remember(TASKS, memory)
            else:
                self._add(name, top, total)
                self._remember(name, _pss(top) + memory)

    def _add(self, name: str, process: psutil.Process, total: float) -> None:
        key = (name, process.pid, process.create_time())
        # a process first seen later than at the first look began after it: all of its time counts
        before = self._last.get(key, 0.0 if name in self.usage else total)
        self.usage[name].cpu += max(0.0, total - before)
        # a child that died during the look is missing from one total and back in the next
        self._last[key] = max(before, total)

    def _remember(self, name: str, pss: int) -> None:
        self.usage[name].pss = max(self.usage[name].pss, pss)


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for process in psutil.process_iter(["ppid"]):
        found[process.info["ppid"]].append(process.pid)
    return found


def _descendants(pid: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    for child in children.get(pid, ()):
        yield child
        yield from _descendants(child, children)


def _alive(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []


def _own(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _with_waited(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):
        return 0
