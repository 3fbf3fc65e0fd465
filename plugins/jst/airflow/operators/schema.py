"""The operators of ``jst_schema``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections
from jst.control.postgres_migrations import migrate as migrate_control
from jst.kafka.topics import create_topics
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse

if TYPE_CHECKING:
    from airflow.sdk import Context


class MigrateControlOperator(BaseOperator):
    """Bring the control database up to date."""

    def execute(self, context: Context) -> list[str]:
        with parts_from_connections() as parts:
            return migrate_control(parts.database)


class MigrateWarehouseOperator(BaseOperator):
    """Bring the warehouse's schema up to date."""

    def execute(self, context: Context) -> list[str]:
        with parts_from_connections() as parts:
            return migrate_warehouse(parts.warehouse)


class CreateTopicsOperator(BaseOperator):
    """Create the Kafka topics that are missing."""

    def execute(self, context: Context) -> list[str]:
        with parts_from_connections() as parts:
            return create_topics(parts.kafka)
