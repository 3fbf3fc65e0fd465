"""The verbs of lingyang_access."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from jst.airflow.hooks import Parts
from jst.bi.access import load_access
from jst.bi.access_fill import fill, viewers
from jst.bi.access_proof import Prover, demand, store, told

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class FillAccessOperator(BaseOperator):
    """Write who may see which shop, as the workbook in force says; returns rows changed."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            rows = fill(parts.warehouse, load_access().people)
            for viewer in viewers(parts.warehouse):
                shops = "、".join(map(str, sorted(viewer.shops))) or "无"
                log.info("%s：店铺 %s%s", viewer.account, shops, "，财务" if viewer.finance else "")
        log.info("权限表改动 %s 行", rows)
        return {"rows": rows}


class ProveAccessOperator(BaseOperator):
    """Ask every table as every account; what they saw goes to ``ops.access_proof``. Raises Unproven if wrong."""

    def execute(self, context: Context) -> dict[str, int]:
        with Parts() as parts:
            known = viewers(parts.warehouse)
            boards, finance = parts.seen_by("clickhouse_boards"), parts.seen_by("clickhouse_boards_finance")
            proofs = Prover(load_access(), parts.warehouse, boards, finance).prove(known)
            store(parts.warehouse, proofs, parts.clock.now())
        for line in told(proofs, known):
            log.info("%s", line)
        demand(proofs)
        return {"proofs": len(proofs), "accounts": len(known)}
