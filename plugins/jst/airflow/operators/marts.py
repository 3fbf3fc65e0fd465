"""The operator of ``jst_marts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections

if TYPE_CHECKING:
    from airflow.sdk import Context


class RefreshMartsOperator(BaseOperator):
    """Bring the marts up to the wide tables until nothing has been new for half a minute, or for five minutes."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts:
            return parts.mart_refresh(context["run_id"]).shift()
