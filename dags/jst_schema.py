"""# 库表与 topic jst_schema

## 搬什么
不搬数据。建好或升级：控制库 `jst_ops` 的表、ClickHouse 的库表（`include/sql/migrations/clickhouse`）、Kafka 的 topic。系统启动时自动运行一次，升级版本后手动运行一次。

## 多久算晚
几秒钟完成；超过 5 分钟就是卡住了。

## 变红了：先看什么，再做什么
1. 看红色任务日志里“处理：”后面的一句。
2. “迁移被改过 / 不见了”：迁移文件只增不改，恢复原文件，把改动写成新的编号。
3. 连不上：先恢复对应的 PostgreSQL、ClickHouse 或 Kafka，再清除任务。

## 能清除吗
可以，随时、多次。每个迁移只执行一次；已有的 topic 不动。

## 重跑过去
没有日期的概念。
"""

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.schema import CreateTopicsOperator, MigrateControlOperator, MigrateWarehouseOperator

with DAG(
    dag_id="jst_schema",
    dag_display_name="4 库表与 topic jst_schema",
    description="建立或升级控制库、仓库表和 Kafka topic",
    doc_md=__doc__,
    schedule="@once",
    dagrun_timeout=timedelta(minutes=30),
    tags=["tier/1", "结构"],
    default_args=task_defaults(
        "dimensions", retries=3, retry_delay=timedelta(seconds=10), execution_timeout=timedelta(minutes=10)
    ),
    **DAG_DEFAULTS,
) as dag:
    MigrateControlOperator(task_id="migrate_control", task_display_name="升级控制库")
    MigrateWarehouseOperator(task_id="migrate_warehouse", task_display_name="升级仓库表")
    CreateTopicsOperator(task_id="create_topics", task_display_name="建立 Kafka topic")
