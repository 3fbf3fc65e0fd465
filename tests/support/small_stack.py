"""A small supervised stack, for killing: ``python -m tests.support.small_stack HOME [fail]``.

``sleepy`` has a worker whose child lives in a session of its own, as Airflow's tasks do; ``calm``
needs it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from local.layout import Layout, Ports, Secrets
from local.services.process import Service, Step
from local.supervise.start_order import Group
from local.supervise.supervisor import supervise


def layout(home: Path) -> Layout:
    return Layout(home, Ports(), Secrets())


def plan(here: Layout, *, fail: bool) -> list[Group]:
    last: Group = (
        [_step(here, "echo 账号不对 >&2; exit 3")]
        if fail
        else [replace(_service(here, "calm", "sleep 1000"), needs="sleepy")]
    )
    sleepy = _service(here, "sleepy", "bash -c 'setsid sleep 1000 & wait' & sleep 1000")
    return [[sleepy], [_step(here, "true")], last]


def _service(here: Layout, name: str, script: str) -> Service:
    mark = here.home / f"{name}.started"
    return Service(
        name=name,
        title=name,
        argv=["bash", "-c", f"touch {mark}; {script}"],
        log=here.log(name),
        ready=mark.exists,
        stop_seconds=3.0,
    )


def _step(here: Layout, script: str) -> Step:
    return Step(name="step", title="某一步", argv=["bash", "-c", script], log=here.log("step"))


if __name__ == "__main__":
    here = layout(Path(sys.argv[1]))
    supervise(here, plan(here, fail=sys.argv[2:] == ["fail"]))
