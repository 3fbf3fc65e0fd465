"""For ``CELERY_CUSTOM_WORKER_POOL``: Celery's processes, and which of them are busy also after a broken connection.

Celery 5.6 forgets that when Redis is away for a moment: what comes next may wait behind a task of minutes while other
processes have nothing to do (https://github.com/celery/celery/pull/10346). To go when Airflow takes Celery 5.7. Before
5.6.3 it forgets their tasks, too, and nothing can be kept.
"""

from __future__ import annotations

from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool


class Processes(AsynPool):
    """A pool that is flushed whenever the connection is lost."""

    def flush(self) -> None:
        """Drop what no process has begun, as Celery does, and keep who is busy."""
        super().flush()
        begun = {job._write_to.inqW_fd for job in tuple(self._cache.values()) if job._accepted and job._write_to}
        self._busy_workers.update(begun & self._all_inqueues)


class Pool(TaskPool):
    """The pool that Celery's option ``--pool custom`` takes."""

    Pool = Processes
