"""# 第二个 ClickHouse 节点 jst_standby

## 搬什么
只在连接 `clickhouse_default` 写了 `extra.standby`（两个互不复制的节点）时有事可做。每 2 分钟：离开过的、新加的节点，补上缺的数据（Kafka `ods.*` 还有就重放，否则从正在服务的节点整体复制），再逐表逐行比对；完全一致才标为“已证明 proven”，可以随时接替。
在那之前没有人读它，所以绝不会读到旧状态。节点状态在控制库的表 `node` 里，`make status` 也会显示。默认是暂停的：只有一个节点时不需要它。

## 多久算晚
离开几分钟的节点，回来后几分钟内补齐；空节点取决于数据量，日志有进度。节点离开超过 30 分钟要有人去看（事件 `node_away`）。

## 变红了：先看什么，再做什么
1. “没有回答”不是红：节点还没回来，先恢复它。
2. “差异太大”：下一次自动改为整体复制，不用管。
3. “写锁仍被占着”：有 load 任务卡住了，先看它。
4. 复制报错（`remote`）：两个节点要能用连接里的 host:port 互相访问，用户要有 `REMOTE` 权限。

## 能清除吗
可以，随时、多次。重放从断点继续；整体复制中途被杀会从头再来；比对每次都是全部。

## 重跑过去
没有日期的概念。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.standby import BringBackOperator

with DAG(
    dag_id="jst_standby",
    dag_display_name="4 第二个 ClickHouse 节点 jst_standby",
    description="离开过的 ClickHouse 节点：补齐、比对、重新接入",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/2 * * * *", timezone="Asia/Shanghai"),
    is_paused_upon_creation=True,
    dagrun_timeout=timedelta(hours=25),
    tags=["tier/2", "高可用"],
    default_args=task_defaults(
        "backfill", retries=3, retry_delay=timedelta(seconds=20), execution_timeout=timedelta(hours=24)
    ),
    **DAG_DEFAULTS,
) as dag:
    BringBackOperator(task_id="bring_back", task_display_name="补齐、比对、接入")
