"""# 实时库存 jst_inventory

## 搬什么
聚水潭库存（接口 `/open/inventory/query`，按 `modified` 或 `ts` 增量，只给出有变动的 SKU）→ Kafka `ods.inventory` → ClickHouse `dwd.dwd_inventory` → 宽表 `dws.dws_inventory`，每个 SKU 一行；连接的 `extra.stock` 是 `per_warehouse` 时逐个仓库去问，每个 SKU 在每个仓库一行。新仓库从源端列出它起就读，它已有的库存当作缺口补上。
没有出现过的 SKU 是“未知”，不是 0；不移动 `modified` 的变更（例如次品库存）由每天凌晨的 `jst_backfill` 按 SKU 清点。

## 重跑过去
库存只有“现在”：怀疑不对时触发 `jst_backfill`（`modules` 只留 inventory）按 SKU 重新清点一遍。
"""

from airflow.sdk import DAG

from jst.airflow.live_feed import live_feed

dag: DAG = live_feed("inventory", doc_md=__doc__)
