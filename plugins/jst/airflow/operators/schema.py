"""The operators of ``jst_schema``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from jst.access.server_settings import lacking
from jst.access.spec import load_access
from jst.airflow.connections import connection_if_any
from jst.airflow.hooks import JushuitanHook, parts_from_connections
from jst.control.postgres_migrations import migrate as migrate_control
from jst.kafka.topics import create_topics
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class MigrateControlOperator(BaseOperator):
    """Bring the control database up to date."""

    def execute(self, context: Context) -> list[str]:
        with parts_from_connections() as parts:
            return migrate_control(parts.database)


class MigrateWarehouseOperator(BaseOperator):
    """Bring the warehouse's schema up to date, and warn of what its server cannot keep safe."""

    def execute(self, context: Context) -> list[str]:
        with parts_from_connections() as parts:
            warehouse = parts.open_warehouse(parts.hosts)
            done = migrate_warehouse(warehouse, hosts=parts.hosts)
            for sentence in lacking(warehouse, load_access()):
                log.warning("%s", sentence)
        return done


class CreateTopicsOperator(BaseOperator):
    """Create the Kafka topics that are missing."""

    def execute(self, context: Context) -> list[str]:
        with parts_from_connections() as parts:
            return create_topics(parts.kafka)


class CheckSourceOperator(BaseOperator):
    """Say whose source is followed; fails when the connection is another one's, unless param ``take_over`` says that it
    is the same company's."""

    def execute(self, context: Context) -> None:
        if connection_if_any(JushuitanHook.default_conn_name) is None:
            raise AirflowSkipException(f"还没有连接 {JushuitanHook.default_conn_name}")
        with parts_from_connections() as parts:
            source, typed = parts.followed_source, (context["params"].get("take_over") or "").strip()
            before = source.take_over(typed) if typed else None
            if before is not None:
                log.warning("已接管：%s → %s；原有数据全部保留，从原处继续读", before, source.ours)
            source.check()
            log.info("跟随的来源：%s", source.known() or f"还没有；{source.ours} 第一次答复后记下")
