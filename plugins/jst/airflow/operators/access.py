"""The operators of ``lingyang_access``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from jst.access.fill import fill, viewers
from jst.access.proof import Prover, format_proofs, raise_if_wrong, store
from jst.access.quick_bi import QuickBi, QuickBiSettings
from jst.access.quick_bi_sync import Sync, fill_tags
from jst.access.spec import load_access
from jst.airflow.connections import connection, connection_if_any
from jst.airflow.hooks import parts_from_connections

if TYPE_CHECKING:
    from airflow.sdk import Context

    from jst.warehouse.cluster import Warehouse
    from jst.wiring import Parts

log = logging.getLogger(__name__)


class FillAccessOperator(BaseOperator):
    """Write who may see which shop, as the workbook in force says; returns rows changed."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts:
            rows = fill(parts.warehouse, load_access().people)
            for viewer in viewers(parts.warehouse):
                shops = "、".join(map(str, sorted(viewer.shops))) or "无"
                log.info("%s：店铺 %s%s", viewer.account, shops, "，财务" if viewer.finance else "")
        log.info("权限表改动 %s 行", rows)
        return {"rows": rows}


class ProveAccessOperator(BaseOperator):
    """Ask every table as every account; what they saw goes to ``ops.access_proof``. Raises Unproven if wrong."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts:
            known = viewers(parts.warehouse)
            boards, finance = (
                _warehouse_as(parts, name) for name in ("clickhouse_boards", "clickhouse_boards_finance")
            )
            proofs = Prover(load_access(), parts.warehouse, boards, finance).prove(known)
            store(parts.warehouse, proofs, parts.clock.now())
        for line in format_proofs(proofs, known):
            log.info("%s", line)
        raise_if_wrong(proofs)
        return {"proofs": len(proofs), "accounts": len(known)}


def _warehouse_as(parts: Parts, conn_id: str) -> Warehouse:
    """Build the warehouse with the login of another connection, whose address is ignored."""
    conn = connection(conn_id)
    return parts.warehouse_as(conn.login, conn.password)


class SyncQuickBiOperator(BaseOperator):
    """Keep 瓴羊BI's tag table and row rules in step and prove them; skipped while there is no connection for it.

    Raises Unproven when a member is shown what is not theirs.
    """

    def execute(self, context: Context) -> dict[str, int]:
        conn = connection_if_any("quick_bi_default")
        if conn is None:
            raise AirflowSkipException("没有连接 quick_bi_default：瓴羊BI 的权限同步没有启用（docs/lingyang.md）")
        settings = QuickBiSettings.from_connection(
            conn.host or "", conn.login or "", conn.password or "", conn.extra_dejson
        )
        with parts_from_connections() as parts:
            known = viewers(parts.warehouse)
            changed = {"tags": fill_tags(parts.warehouse, settings)}
            sync = Sync(QuickBi(settings, parts.clock), settings, known)
            changed |= sync.apply()
            log.info("瓴羊BI：标签改动 %(tags)s 行，开关 %(switched)s 处，成员加入 %(added)s 移出 %(removed)s", changed)
            for account in sync.absent():
                log.info("瓴羊BI 组织里没有 %s（%s）", account, settings.name_of(account))
            proofs = sync.prove()
            store(parts.warehouse, proofs, parts.clock.now())
        for line in format_proofs(proofs, known):
            log.info("%s", line)
        raise_if_wrong(proofs)
        return changed
