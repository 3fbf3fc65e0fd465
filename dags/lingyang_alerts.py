"""# 预警 lingyang_alerts

## 搬什么
不搬数据。每 5 秒看一眼：数据往前走了的规则（`include/config/alerts.yaml`）就问一次，坏了的对象成为事件（控制库表 `incident`），同一对象只有一个，直到恢复；检查、账本、实时流自己开的事件也在同一张表里。
要说的话按规则与负责人合成一张卡片，放进发件箱（`lingyang_messages` 发送）：新增、加重一级、恢复（历时多久）。静默、夜间不打扰、15 分钟无人确认转短信，都按规则。
在导航栏的**告警**里看、确认、静默。任务停在 **deferred**（紫色），在 triggerer 里工作，不占 worker；一次运行一小时，然后接着下一次。

## 多久算晚
数据变化 60 秒内应有卡片进入发件箱。

## 变红了：先看什么，再做什么
1. 规则连续 5 分钟没有问到，而 ClickHouse 没有报告故障：看日志里“规则 … 没有问到”后面的“处理：”，多半是连接 `clickhouse_boards`、`clickhouse_monitoring` 或 `access.yaml` 的账号。
2. ClickHouse 或 PostgreSQL 没有答复时这里保持绿色：实时流已经报告（事件 `server_away`），恢复后自己继续；问不到的规则不会把事件当作恢复。
3. `alerts.yaml` 写错：日志写明哪条规则的哪个键。

## 能清除吗
可以，随时、多次：事件与卡片都按行记账，重复运行不会多说一句。

## 重跑过去
没有日期的概念。想知道一条规则过去会不会触发：`python -m jst.alerts.try_rule`，见 `docs/how-to/add-an-alert-rule.md`。
"""

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.alerts import LookAtAlertsOperator

with DAG(
    dag_id="lingyang_alerts",
    dag_display_name="1 预警 lingyang_alerts",
    description="按规则发现问题，开、合事件，卡片进发件箱；数据变化 60 秒内",
    doc_md=__doc__,
    schedule="@continuous",
    dagrun_timeout=timedelta(hours=2),
    tags=["tier/1", "预警"],
    default_args=task_defaults("live"),
    **DAG_DEFAULTS,
) as dag:
    LookAtAlertsOperator(
        task_id="look_at_alerts",
        task_display_name="看预警",
        retries=0,
        execution_timeout=timedelta(minutes=90),
    )
