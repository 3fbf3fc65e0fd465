"""# 实时售后 jst_after_sale

## 搬什么
聚水潭售后单（gateway 方言接口 `/open/aftersale/query`，openapi 方言 `/open/refund/single/query`，按 `modified` 或 `ts` 增量）→ Kafka `ods.after_sale` → ClickHouse `dwd.dwd_after_sale` → 宽表 `dws.dws_after_sale`，每条售后明细一行。
状态译成 待审核、已收货、已退款、已取消；不认识的状态保留原值、显示“未知”，不丢也不猜。

## 重跑过去
实时流只往前走，不用它补历史：过去的日期用 DAG `jst_backfill`。
"""

from airflow.sdk import DAG

from jst.airflow.live_feed import live_feed

dag: DAG = live_feed("after_sale", doc_md=__doc__)
