"""The verb of jst_standby."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from jst.airflow.hooks import Parts
from jst.control.load_lock import LoadLock
from jst.control.nodes import Nodes
from jst.control.replay_progress import ReplayLog
from jst.flow.replay.standby_catch_up import StandbyCatchUp
from jst.kafka.retained import retained
from jst.model.module import load_module, module_names
from jst.warehouse.widen_tables import has_labels

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class BringBackOperator(BaseOperator):
    """Fill and prove the ClickHouse nodes that are away; with one node there is nothing to do.

    Returns the state of each node.
    """

    def execute(self, context: Context) -> dict[str, str]:
        with Parts() as parts:
            nodes = Nodes(parts.database, parts.clock)
            nodes.register(parts.hosts.names)
            standby = StandbyCatchUp(
                sorted(map(load_module, module_names()), key=has_labels),
                parts.hosts,
                lambda module: partial(retained, parts.kafka, module.topic),
                parts.reader,
                nodes,
                ReplayLog(parts.database),
                LoadLock(parts.database, parts.clock),
                parts.clock,
            )
            states = standby.bring_back()
        for node, state in states.items():
            log.info("ClickHouse 节点 %s：%s", node, state)
        return states
