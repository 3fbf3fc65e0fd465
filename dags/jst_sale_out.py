"""# 实时销售出库 jst_sale_out

## 搬什么
聚水潭销售出库单（接口 `/open/orders/out/simple/query`，按 `modified` 或 `ts` 增量）→ Kafka `ods.sale_out` → ClickHouse `dwd.dwd_sale_out` → 宽表 `dws.dws_sale_out`，每条出库明细一行。

## 重跑过去
实时流只往前走，不用它补历史：过去的日期用 DAG `jst_backfill`。
"""

from airflow.sdk import DAG

from jst.airflow.live_feed import live_feed

dag: DAG = live_feed("sale_out", doc_md=__doc__)
