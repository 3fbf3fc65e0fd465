"""The workers' pool of processes, on the Celery that the image has: after a broken connection to Redis no task is given
to a process that is still busy."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from local.compose_tools import celery
from local.layout import ROOT

FLUSH = """
import json
from collections import deque
from types import SimpleNamespace
from celery.concurrency.asynpool import AsynPool
from celery_pool import Pool, Processes

def job(number, *, accepted):
    process = SimpleNamespace(inqW_fd=number, _is_alive=lambda: True)
    return SimpleNamespace(_accepted=accepted, _write_to=process, _cancel=lambda: cancelled.append(number))

def flushed(kind):
    pool = kind.__new__(kind)
    pool._state, pool.synack = 1, True  # closing: no writer is at work
    pool._cache = {1: job(11, accepted=True), 2: job(12, accepted=False), 3: job(13, accepted=True)}
    pool._all_inqueues, pool._busy_workers = {11, 12, 14}, {11, 12, 13}  # the process of 13 has ended
    pool.outbound_buffer, pool._active_writers, pool._active_writes = deque([1]), set(), set()
    pool.maintain_pool = lambda: None
    kind.flush(pool)
    return sorted(pool._busy_workers), len(pool.outbound_buffer)

cancelled = []
assert Pool.Pool is Processes
ours, refused = flushed(Processes), list(cancelled)
print(json.dumps({"ours": ours, "cancelled": refused, "celery": flushed(AsynPool)}))
"""


def test_a_flush_keeps_who_is_busy_and_drops_what_nobody_has_begun() -> None:
    path = os.pathsep.join((str(celery()), str(ROOT / "cluster" / "config")))
    done = subprocess.run(
        [sys.executable, "-c", FLUSH], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ours"] == [[11], 0]
    assert found["cancelled"] == [12]
    assert found["celery"] == [[], 0], "Celery keeps them by itself now: cluster/config/celery_pool.py can go"
