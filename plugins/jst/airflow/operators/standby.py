"""The operator of ``jst_standby``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class BringBackOperator(BaseOperator):
    """Fill and prove the ClickHouse nodes that are away; with one node there is nothing to do.

    Returns the state of each node.
    """

    def execute(self, context: Context) -> dict[str, str]:
        with parts_from_connections() as parts:
            states = parts.standby().bring_back()
        for node, state in states.items():
            log.info("ClickHouse 节点 %s：%s", node, state)
        return states
