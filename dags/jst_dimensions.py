"""# 维表 jst_dimensions

## 搬什么
每 5 分钟：聚水潭商品资料（接口 `/open/sku/query`，按 `modified` 增量，第一次取最近 30 天内改过的全部）→ Kafka `ods.sku` → `dwd.dwd_sku` → `dim.dim_sku`；店铺工作簿 `include/config/shops.xlsx` → `dim.dim_shop`、`dim.dim_shop_fee`。
之后把标签已过时的宽表行按原版本重写（商品名、分类、品牌、店铺名、平台）。

## 多久算晚
商品改名 6 分钟内应在宽表可见。连续两次运行失败算晚。

## 变红了：先看什么，再做什么
1. `pull_sku` / `load_sku` 红：与实时流一样，看日志最后一句和“处理：”。
2. `import_shops` 红：工作簿填错了，日志写明工作表、行、列；改好后清除任务。出错期间继续使用上一份正确的店铺资料。
3. `relabel_sale_out` 红：ClickHouse 不可用，恢复后下一次运行自动补上。

## 能清除吗
可以，随时、多次。

## 重跑过去
不需要：维表只有“现在”。扣点费率按工作簿里的生效日期取用，过去的月份不变。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.operators import CatchUpOperator, LoadWaitingOperator, RelabelOperator
from jst.airflow.policy import BY_ERROR
from jst.airflow.shapes import START
from jst.airflow.workbook import ImportShopsOperator
from jst.spec import load_module

with DAG(
    dag_id="jst_dimensions",
    dag_display_name="维表 jst_dimensions",
    description="商品、店铺维表每 5 分钟刷新，过时的标签随之重写",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=30),
    tags=["tier/2", "module/sku", "维表"],
    default_args={
        "owner": "data",
        "pool": "dimensions",
        "retries": 2,
        "retry_delay": timedelta(seconds=10),
        "retry_policy": BY_ERROR,
        "execution_timeout": timedelta(minutes=15),
    },
) as dag:
    shops = ImportShopsOperator(task_id="import_shops", task_display_name="导入店铺工作簿")
    relabel = [
        RelabelOperator(
            task_id=f"relabel_{module.name}",
            task_display_name=f"重写{module.title}过时的标签",
            module=module.name,
            trigger_rule="all_done",
        )
        for module in map(load_module, ("sale_out", "after_sale", "inventory"))
    ]
    for module in map(load_module, ("sku", "shop", "warehouse")):
        pull = CatchUpOperator(
            task_id=f"pull_{module.name}", task_display_name=f"拉取{module.title}到 Kafka", module=module.name
        )
        load = LoadWaitingOperator(
            task_id=f"load_{module.name}", task_display_name=f"装载{module.title}维表", module=module.name
        )
        pull >> load >> relabel
    shops >> relabel
