"""# 夜间清点 jst_sweep

## 搬什么
每天 02:00（北京时间）按 `dim.dim_sku` 里的全部 SKU 逐一询问聚水潭库存，写入 Kafka `ods.inventory` 并装进 `dws.dws_inventory`。
有些变更（次品库存、自定义仓）不移动 `modified`，实时流看不到；清点之后宽表与源端一致。

## 多久算晚
30,000 个 SKU 在 gateway 方言约 1–2 分钟，openapi 方言约 10 分钟（每分钟 100 次额度，让路给实时流）。早上 06:00 还没有结束算晚。

## 变红了：先看什么，再做什么
1. `sweep` 红：看日志最后几行和“处理：”；源端恢复后清除它，接着没有问完的 SKU 继续。
2. `load` 红：ClickHouse 不可用；数据在 Kafka 里，恢复后实时流也会装载。

## 能清除吗
可以，随时、多次。清除已完成的一次等于再清点一遍；版本号保证旧数据不会盖住新数据。

## 重跑过去
库存只有“现在”，过去的日期没有意义：直接触发一次即可。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.operators import LoadWaitingOperator, SweepOperator
from jst.airflow.policy import BY_ERROR
from jst.airflow.shapes import START

with DAG(
    dag_id="jst_sweep",
    dag_display_name="夜间清点 jst_sweep",
    description="按 SKU 清点库存，找出不移动 modified 的变更",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    tags=["tier/2", "module/inventory", "清点"],
    default_args={
        "owner": "data",
        "pool": "backfill",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_policy": BY_ERROR,
        "execution_timeout": timedelta(hours=5),
    },
) as dag:
    sweep = SweepOperator(task_id="sweep_inventory", task_display_name="按 SKU 清点库存", module="inventory")
    load = LoadWaitingOperator(task_id="load_inventory", task_display_name="装载库存", module="inventory")
    sweep >> load
