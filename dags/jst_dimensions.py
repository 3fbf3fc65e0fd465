"""# 维表 jst_dimensions

## 搬什么
每 5 分钟：
- 聚水潭商品资料（接口 `/open/sku/query`，按 `modified` 增量；全部由首次装载 `jst_initial` 取一次，之后每夜由 `jst_backfill` 按 SKU 再问一遍）→ Kafka `ods.sku` → `dwd.dwd_sku` → `dim.dim_sku`；店铺、仓库的名单也从源端取。
- 店铺工作簿 → `dim.dim_shop`（店铺、负责人、省份）、`dim.dim_shop_fee`（费率与生效日）、仓库省份、质量问题。工作簿是 `include/config/shops.xlsx`，或连接 `shops_workbook` 的 `extra.url` 指的路径、http(s) 地址、对象存储地址。
- 有连接 `dim_mysql` 时，商品资料同时写入 MySQL 的表 `dim_sku`（没有表时新建；已有的表只写同名的列）；没有连接时 `mirror_sku` 显示“跳过”。
- 最后把标签或扣点已过时的宽表行按原版本重写（商品名、款式、分类、品牌、店铺名、平台、仓库名、扣点），几个月前的行也一样。已关账的月份（月末后一周）扣点不变。

## 多久算晚
商品改名 6 分钟内应在宽表可见。连续两次运行失败算晚。

## 变红了：先看什么，再做什么
1. `pull_sku` / `load_sku` 红：与实时流一样，看日志最后一句和“处理：”。
2. `import_shops` 红：工作簿填错了或取不到，日志一次写明全部错误（工作表、行、列）；改好后下一次运行自动读取。出错期间继续使用上一份正确的店铺资料，账本和 `make status` 里有一条事件。
3. `relabel_…` 红：ClickHouse 不可用，恢复后下一次运行自动补上。
4. `mirror_sku` 红：MySQL 不可用或拒绝，日志里有原话；ClickHouse 里的维表不受影响。

## 能清除吗
可以，随时、多次。

## 重跑过去
不需要：维表只有“现在”。扣点费率按工作簿里的生效日期取用，过去的月份不变。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.dimensions import (
    CatchUpOperator,
    ImportShopsOperator,
    LoadWaitingOperator,
    MirrorSkusOperator,
    RelabelOperator,
)
from jst.model.module import modules_of
from jst.warehouse.sql import has_statement

with DAG(
    dag_id="jst_dimensions",
    dag_display_name="2 维表 jst_dimensions",
    description="商品、店铺维表每 5 分钟刷新，过时的标签随之重写",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(minutes=30),
    tags=["tier/2", "module/sku", "维表"],
    default_args=task_defaults(
        "dimensions", retries=2, retry_delay=timedelta(seconds=10), execution_timeout=timedelta(minutes=15)
    ),
    **DAG_DEFAULTS,
) as dag:
    shops = ImportShopsOperator(task_id="import_shops", task_display_name="导入店铺工作簿")
    relabel = [
        RelabelOperator(
            task_id=f"relabel_{module.name}",
            task_display_name=f"重写{module.title}过时的标签",
            module=module.name,
            trigger_rule="all_done",
        )
        for module in modules_of("live")
        if has_statement(module.name, "stale")
    ]
    for module in modules_of("dimension"):
        if not has_statement(module.name, "load"):
            continue
        pull = CatchUpOperator(
            task_id=f"pull_{module.name}", task_display_name=f"拉取{module.title}到 Kafka", module=module.name
        )
        load = LoadWaitingOperator(
            task_id=f"load_{module.name}", task_display_name=f"装载{module.title}维表", module=module.name
        )
        pull >> load >> relabel
        if module.name == "sku":
            load >> MirrorSkusOperator(task_id="mirror_sku", task_display_name="商品维表写入 MySQL")
    shops >> relabel
