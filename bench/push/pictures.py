"""Pictures of the running stack's boards, as the daily push takes them: seconds, bytes, and the browser's memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import psutil

from jst.boards.wall_accounts import COOKIE
from jst.clock import SHANGHAI, SystemClock
from jst.control.database import Database
from jst.control.viewer_tickets import ViewerTickets
from jst.push.picture import Camera
from local.layout import Layout
from local.services import airflow, postgres

VIEWER = "push"


class Watched:
    """The largest proportional memory of this process's children, in megabytes, and their core-seconds."""

    def __init__(self) -> None:
        self.megabytes, self.core_seconds = 0.0, 0.0

    def look(self) -> None:
        """Add up what there is now."""
        memory = spent = 0.0
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                memory += process.memory_full_info().pss
                spent += sum(process.cpu_times()[:2])
        self.megabytes = max(self.megabytes, memory / 1e6)
        self.core_seconds = max(self.core_seconds, spent)


@contextmanager
def watched() -> Iterator[Watched]:
    """Watch the children of this process, ten times a second."""
    seen, over = Watched(), threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            seen.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def taken(layout: Layout, boards: list[str]) -> dict[str, dict[str, float]]:
    """Take a picture of each board, of now; returns board → figures."""
    clock, facts = SystemClock(), dict[str, dict[str, float]]()
    with Database(postgres.control_dsn(layout)) as database:
        tickets = ViewerTickets(database)
        camera = Camera(airflow.url(layout), lambda viewer: (COOKIE, tickets.make(viewer)), clock)
        for board in boards:
            with watched() as seen:
                began = time.monotonic()
                picture = camera.take(board, VIEWER, {}, clock.now().astimezone(SHANGHAI) - timedelta(hours=1))
                seconds = time.monotonic() - began
            facts[board] = {
                "秒": round(seconds, 1), "MB 内存": round(seen.megabytes), "核秒": round(seen.core_seconds, 1),
                "KB 图": len(picture.png) // 1024,
            }  # fmt: skip
    return facts
