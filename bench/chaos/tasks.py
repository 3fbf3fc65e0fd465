"""What the task processes do: the product's own shifts, watches and loads, as the DAGs' tasks call them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bench.chaos.points import Strike
from bench.chaos.trap import Shared, Trap
from bench.chaos.trapped_wiring import Places, TrappedParts
from bench.instruments.live_tables import LIVE
from jst.errors import Misconfigured, Retry
from jst.flow.live.shift import Limits
from jst.kafka.exact_reader import Expired
from jst.model.module import modules_of
from jst.workbook.shops import read_workbook, store_shops
from local.layout import SANDBOX_WORKBOOK
from local.services.process import die_with_parent

log = logging.getLogger("chaos")
SHIFT = Limits(longest=60.0, quiet=3.0)
"""Not shorter: a new shift reads the overlap again, and would put right what the one before has lost."""
DIMENSIONS = tuple(module.name for module in modules_of("dimension"))
DONE, AGAIN, BROKEN = 0, 1, 2
"""Exit codes: the task is over; passing trouble ended it, it is tried again; an unexpected error."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task of one run. ``module`` is '' for those that work for several."""

    role: str
    module: str
    run: int

    @property
    def name(self) -> str:
        return f"{self.role} {self.module}".strip()

    @property
    def run_id(self) -> str:
        return f"{self.role if self.role in ('initial', 'refresh', 'marts') else 'shift'}-{self.run}"


def enter(
    logs: Path, task: Task, places: Places, strikes: Sequence[Strike], armed: Shared, pulled: Shared, wire: Connection
) -> None:
    """Run the process of a task; ``pulled`` becomes 1 when the run's pull is over."""
    die_with_parent(os.getppid(), signal.SIGKILL)
    _tell_in(log_of(logs, task))
    trap = Trap(task.role, task.module, strikes, armed, wire)
    parts = TrappedParts(places, trap)
    code = DONE
    try:
        _ROLES[task.role](parts, trap, task, pulled)
    except (Retry, Expired) as trouble:
        log.warning("任务以可重试的错误结束：%s", trouble)
        code = AGAIN
    except Exception:
        log.exception("任务以意外的错误结束")
        code = BROKEN
    sys.stdout.flush()
    os._exit(code)  # no tidying up: what a task leaves behind must not matter


def log_of(logs: Path, task: Task) -> Path:
    return logs / f"{task.name.replace(' ', '-')}.log"


def _tell_in(path: Path) -> None:
    """Everything the process says goes to its log, the libraries' words, too."""
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(out, stream)
    logging.basicConfig(
        format="%(asctime)s %(process)d %(levelname)s %(message)s", level=logging.INFO, stream=sys.stdout, force=True
    )
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _watch(parts: TrappedParts, trap: Trap, task: Task, pulled: Shared) -> None:
    """Do what the trigger does: passing trouble is borne, everything else ends it."""
    watch = parts.watch(task.module, f"jst_{task.module}", task.run_id)
    while True:
        try:
            if watch.held_back() is None and (reason := watch.reason_to_start()):
                log.info("%s", reason)
                return
        except Misconfigured:
            raise
        except Retry as trouble:
            log.warning("%s", trouble)
        time.sleep(watch.pace)


def _pull(parts: TrappedParts, trap: Trap, task: Task, pulled: Shared) -> None:
    parts.live_shift(task.module, f"jst_{task.module}", task.run_id).run(SHIFT)


def _load(parts: TrappedParts, trap: Trap, task: Task, pulled: Shared) -> None:
    parts.load_shift(task.module, task.run_id).run(lambda: not pulled.value, ask_every=0.5)


def _initial(parts: TrappedParts, trap: Trap, task: Task, pulled: Shared) -> None:
    for trap.module in ("sale_out", "after_sale", "sku", "inventory"):
        worker = parts.plan_worker(trap.module, "jst_initial", task.run_id)
        worker.ensure_begun()
        worker.work_off("initial")


def _refresh(parts: TrappedParts, trap: Trap, task: Task, pulled: Shared) -> None:
    """Do what jst_dimensions does in one run."""
    store_shops(parts.warehouse, read_workbook(SANDBOX_WORKBOOK))
    for trap.module in DIMENSIONS:
        parts.plan_worker(trap.module, "jst_dimensions", task.run_id).catch_up()
        loader = parts.loader(trap.module)
        while loader.load_waiting():
            pass
    for trap.module in LIVE:
        parts.loader(trap.module).relabel()


def _marts(parts: TrappedParts, trap: Trap, task: Task, pulled: Shared) -> None:
    """Run a shift of jst_marts, which is often between the two marks of a load."""
    refresher = parts.mart_refresh()
    for _ in range(6):
        refresher.round()
        time.sleep(2.0)


_ROLES: dict[str, Callable[[TrappedParts, Trap, Task, Shared], None]] = {
    "watch": _watch,
    "pull": _pull,
    "load": _load,
    "initial": _initial,
    "refresh": _refresh,
    "marts": _marts,
}
