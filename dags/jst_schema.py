"""# 库表与 topic jst_schema

## 搬什么
不搬数据。建好或升级：控制库 `jst_ops` 的表、ClickHouse 的库表（`include/sql/migrations/clickhouse`）、Kafka 的 topic。系统启动时自动运行一次，升级版本后手动运行一次。
`check_source` 核对连接 `jushuitan_default` 是不是一直在读的那个来源（app_key 与方言）；不是就变红，任何任务都不读它。

## 多久算晚
几秒钟完成；超过 5 分钟就是卡住了。

## 变红了：先看什么，再做什么
1. 看红色任务日志里“处理：”后面的一句。
2. “迁移被改过 / 不见了”：迁移文件只增不改，恢复原文件，把改动写成新的编号。“库表比程序新”不是红：新版本升过级，旧版本照常运行。
   “自建的多副本集群”：我们的表在副本之间不会复制，按“处理：”改用两个互不复制的节点或共享存储的 ClickHouse；在那之前什么都不写。
3. `check_source` 红，写“连接 jushuitan_default 换成了别的来源”：填错了就改回来；同一家公司换了 app_key，见“重跑过去”；别的公司或别的方言要用一套空的控制库、ClickHouse 与 topic。
4. 连不上：先恢复对应的 PostgreSQL、ClickHouse 或 Kafka，再清除任务。

## 能清除吗
可以，随时、多次。每个迁移只执行一次；已有的 topic 不动。

## 重跑过去
没有日期的概念。

**接管**：同一家公司换了 app_key 时，手动触发本 DAG，参数 `take_over` 填新 app_key 的末几位（红色日志里写着）。现有的数据、计划、水位、证书全部保留，新的 app_key 从原处继续读。别的公司千万不要接管：两家的数据会混在一起，分不开。
"""

from datetime import timedelta

from airflow.sdk import DAG, Param

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.schema import (
    CheckSourceOperator,
    CreateTopicsOperator,
    MigrateControlOperator,
    MigrateWarehouseOperator,
)

with DAG(
    dag_id="jst_schema",
    dag_display_name="4 库表与 topic jst_schema",
    description="建立或升级控制库、仓库表和 Kafka topic",
    doc_md=__doc__,
    schedule="@once",
    dagrun_timeout=timedelta(minutes=30),
    tags=["tier/1", "结构"],
    params={
        "take_over": Param(
            None, type=["null", "string"], title="接管来源 take_over",
            description="留空：什么都不接管。同一家公司换了 app_key：填新 app_key 的末几位（见红色日志）；现有数据全部保留，从原处继续读。"
            "别的公司不要填：两家的数据会混在一起",
        )
    },
    default_args=task_defaults(
        "dimensions", retries=3, retry_delay=timedelta(seconds=10), execution_timeout=timedelta(minutes=10),
        pre_execute=None,  # it is what brings older tables up to date
    ),
    **DAG_DEFAULTS,
) as dag:  # fmt: skip
    control = MigrateControlOperator(task_id="migrate_control", task_display_name="升级控制库")
    MigrateWarehouseOperator(task_id="migrate_warehouse", task_display_name="升级仓库表")
    CreateTopicsOperator(task_id="create_topics", task_display_name="建立 Kafka topic")
    control >> CheckSourceOperator(task_id="check_source", task_display_name="核对来源")
