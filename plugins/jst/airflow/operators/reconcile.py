"""The operator of ``jst_reconcile``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from jst.airflow.hooks import parts_from_connections
from jst.airflow.operators.module_operator import ModuleOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class ReconcileOperator(ModuleOperator):
    """Compare one module of the source with the warehouse and read again what differs; returns counts."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts:
            return asdict(parts.reconcile(self.module, context["run_id"]).run())
