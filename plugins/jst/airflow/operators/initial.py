"""The operator of ``jst_initial``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jst.airflow.hooks import parts_from_connections
from jst.airflow.operators.module_operator import ModuleOperator
from jst.control.load_progress import progress

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class InitialPullOperator(ModuleOperator):
    """Pull what lies before the live feed's beginning, newest first; a killed one goes on where it was.

    Returns where the live feed began (ISO, with zone): when everything before is proven, the first load is done.
    """

    def execute(self, context: Context) -> str:
        with parts_from_connections() as parts:
            worker = parts.plan_worker(self.module, self.dag_id, context["run_id"])
            worker.ensure_begun()

            def log_progress() -> None:
                log.info("%s", next(each for each in progress(parts.database) if each.module == self.module))

            worker.work_off("initial", log_progress)
            return parts.plans.watermarks.live_since(self.module).isoformat()
