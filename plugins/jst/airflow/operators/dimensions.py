"""The operators of ``jst_dimensions``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from jst.airflow.connections import connection_if_any
from jst.airflow.hooks import parts_from_connections
from jst.airflow.operators.module_operator import ModuleOperator
from jst.airflow.workbook_source import workbook
from jst.errors import JstError, Misconfigured
from jst.warehouse.cluster import translate_errors
from jst.warehouse.mysql_mirror import mirror_skus, mysql
from jst.workbook.shops import Shops, has_shops, store_shops

if TYPE_CHECKING:
    from airflow.sdk import Context

    from jst.wiring import Parts

log = logging.getLogger(__name__)
MYSQL = "dim_mysql"
INCIDENT = ("shops_workbook", "shop", "workbook")
FILL_IN = "照 include/config/shops.example.xlsx 填上店铺，存为旁边的 shops.xlsx，或放到连接 shops_workbook 指的地方"


class ImportShopsOperator(BaseOperator):
    """Read the shops workbook; one with a mistake changes nothing, the last good one stays in force, and an incident
    says so until a good one was read."""

    def execute(self, context: Context) -> list[int]:
        """Return the ids of the shops whose labels or rates changed."""
        away = "店铺资料不变，恢复后下一次运行自动导入"
        refused = f"按错误信息检查磁盘、内存与 include/sql；{away}"
        with (
            parts_from_connections() as parts,
            translate_errors("店铺资料", away=away, refused=refused),
        ):
            shops = _read(parts)
            if shops is None:
                raise AirflowSkipException(f"还没有店铺表：店铺沿用 ERP 里的名称，没有费率与负责人；{FILL_IN}")
            changed = store_shops(parts.warehouse, shops)
            parts.incidents.close(*INCIDENT)
        unowned = shops.unowned() or "无"
        log.info(
            "店铺 %d 家，费率 %d 条；有变的店铺：%s；未归属的店铺：%s",
            len(shops.shops), len(shops.fees), changed or "无", unowned,
        )  # fmt: skip
        return changed


def _read(parts: Parts) -> Shops | None:
    """Read the workbook, with an incident when it cannot be used; None where there has never been one."""
    try:
        shops = workbook()
        if shops is None and has_shops(parts.warehouse):
            raise Misconfigured("店铺表不见了，沿用上一份正确的", do=f"把它放回去；里面若只是沙箱的店铺，{FILL_IN}")
    except JstError as mistake:
        log.error("%s", mistake)
        parts.incidents.open(*INCIDENT, mistake.what, mistake.do)
        mistake.said_by(INCIDENT[0])
        raise
    return shops


class CatchUpOperator(ModuleOperator):
    """Pull one module up to the source's present: for dimensions, which run by the clock."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts, parts.holds.troubles.of(self.module, "pull", context["run_id"]):
            return parts.plan_worker(self.module, self.dag_id, context["run_id"]).catch_up()


class LoadWaitingOperator(ModuleOperator):
    """Load what of one module lies in Kafka and is not loaded."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts:
            loader, rows = parts.loader(self.module), 0
            with parts.holds.troubles.of(self.module, "load", context["run_id"]):
                while loaded := loader.load_waiting():
                    rows += loaded
        return {"rows": rows}


class RelabelOperator(ModuleOperator):
    """Widen again the rows of a module whose stored labels differ from the dimensions."""

    def execute(self, context: Context) -> dict[str, int]:
        with parts_from_connections() as parts:
            return {"rows": parts.loader(self.module).relabel()}


class MirrorSkusOperator(BaseOperator):
    """Keep MySQL's table dim_sku like the SKU dimension, where there is a connection ``dim_mysql``."""

    def execute(self, context: Context) -> dict[str, int]:
        conn = connection_if_any(MYSQL)
        if conn is None:
            raise AirflowSkipException(f"没有连接 {MYSQL}：商品维表只在 ClickHouse 里")
        login = (conn.host, conn.port or 3306, conn.login, conn.password or "", conn.schema)
        with parts_from_connections() as parts, mysql(*login, conn.extra_dejson) as session:
            away = "MySQL 里的商品资料不变，恢复后下一次运行自动写入"
            with translate_errors("商品维表的查询", away=away, refused=f"按错误信息检查 include/sql；{away}"):
                return {"rows": mirror_skus(parts.warehouse, session)}
