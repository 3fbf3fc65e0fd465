"""The verbs of the DAGs; each holds its parameters and calls one thing."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from jst.airflow.connections import connection_if_any
from jst.airflow.hooks import Parts
from jst.control.initial import progress
from jst.control.migrate import migrate as migrate_control
from jst.flow.shift import Limits, LoadShift, PullShift
from jst.ods.topics import create_topics
from jst.spec import load_module
from jst.warehouse.cluster import judged
from jst.warehouse.migrate import migrate as migrate_warehouse
from jst.warehouse.mirror import mirror_skus, mysql

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)
RUNNING = {"running", "restarting", "deferred", "up_for_retry", "up_for_reschedule"}
STILL_TO_START = {None, "scheduled", "queued"}
MYSQL = "dim_mysql"
LONGEST_START = 60.0
"""Seconds load waits for a pull that does not start: where slots are scarce it may stand behind load itself."""


class ModuleOperator(BaseOperator):
    """Does one thing with one module."""

    def __init__(self, *, module: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module = module


class PullShiftOperator(ModuleOperator):
    """Pull one module's micro-batches until the shift ends; cleared later, it redoes exactly that run's plans."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            puller = parts.puller(load_module(self.module))
            shift = PullShift(puller, parts.plans, parts.feeds, parts.clock, self.dag_id, context["run_id"])
            return shift.run(Limits())


class LoadShiftOperator(ModuleOperator):
    """Load one module's pulled batches until the run's pull has ended."""

    def __init__(self, *, module: str, pull_task_id: str, **kwargs: Any) -> None:
        super().__init__(module=module, **kwargs)
        self.pull_task_id = pull_task_id

    def execute(self, context: Context) -> dict[str, int]:
        ti, run_id = context["ti"], context["run_id"]

        with Parts() as parts:
            began = parts.clock.monotonic()

            def pull_is_running() -> bool:
                states = ti.get_task_states(dag_id=self.dag_id, task_ids=[self.pull_task_id], run_ids=[run_id])
                state = states.get(run_id, {}).get(self.pull_task_id)
                return state in RUNNING or (state in STILL_TO_START and parts.clock.monotonic() - began < LONGEST_START)

            loader = parts.loader(load_module(self.module))
            return LoadShift(loader, parts.feeds, parts.clock, run_id).run(pull_is_running)


class CatchUpOperator(ModuleOperator):
    """Pull one module up to the source's present: for dimensions, which run by the clock."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            puller = parts.puller(load_module(self.module))
            shift = PullShift(puller, parts.plans, parts.feeds, parts.clock, self.dag_id, context["run_id"])
            return shift.catch_up(Limits())


class InitialPullOperator(ModuleOperator):
    """Pull what lies before the live feed's beginning, newest first; a killed one goes on where it was.

    Returns where the live feed began (ISO, with zone): when everything before is proven, the first load is done.
    """

    def execute(self, context: Context) -> str:
        with Parts() as parts:
            puller = parts.puller(load_module(self.module))
            puller.feed.read_mark(puller.feed.closed_end())

            def tell() -> None:
                log.info("%s", next(each for each in progress(parts.database) if each.module == self.module))

            shift = PullShift(puller, parts.plans, parts.feeds, parts.clock, self.dag_id, context["run_id"])
            shift.work_off(Limits(), "initial", tell)
            return parts.plans.watermarks.live_since(self.module).isoformat()


class ReconcileOperator(ModuleOperator):
    """Compare one module of the source with the warehouse and read again what differs; returns counts."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            return asdict(parts.reconcile(load_module(self.module), context["run_id"]).run())


class LoadWaitingOperator(ModuleOperator):
    """Load whatever of one module lies in Kafka and is not loaded."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            loader, rows = parts.loader(load_module(self.module)), 0
            while loaded := loader.load_waiting():
                rows += loaded
        return {"rows": rows}


class MigrateControlOperator(BaseOperator):
    """Bring the control database up to date."""

    def execute(self, context: Context) -> list[str]:
        with Parts() as parts:
            return migrate_control(parts.database)


class MigrateWarehouseOperator(BaseOperator):
    """Bring the warehouse's schema up to date."""

    def execute(self, context: Context) -> list[str]:
        with Parts() as parts:
            return migrate_warehouse(parts.warehouse)


class CreateTopicsOperator(BaseOperator):
    """Create the Kafka topics that are missing."""

    def execute(self, context: Context) -> list[str]:
        with Parts() as parts:
            return create_topics(parts.kafka)


class MirrorSkusOperator(BaseOperator):
    """Keep MySQL's table dim_sku like the SKU dimension, where there is a connection ``dim_mysql``."""

    def execute(self, context: Context) -> dict[str, int]:
        conn = connection_if_any(MYSQL)
        if conn is None:
            raise AirflowSkipException(f"没有连接 {MYSQL}：商品维表只在 ClickHouse 里")
        login = (conn.host, conn.port or 3306, conn.login, conn.password or "", conn.schema)
        with Parts() as parts, mysql(*login, conn.extra_dejson) as session:
            away = "MySQL 里的商品资料不变，恢复后下一次运行自动写入"
            with judged(parts.warehouse, "商品维表的查询", away=away, refused=f"按错误信息检查 include/sql；{away}"):
                return {"rows": mirror_skus(parts.warehouse, session)}


class RefreshMartsOperator(BaseOperator):
    """Bring the marts up to the wide tables until nothing has been new for half a minute, or for five minutes."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            return parts.refresher().shift()


class RelabelOperator(ModuleOperator):
    """Widen again the rows of a module whose stored labels differ from the dimensions."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            return {"rows": parts.loader(load_module(self.module)).relabel()}
