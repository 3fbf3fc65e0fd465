"""# 运行指标 jst_figures

## 搬什么
每 10 秒把控制库 `jst_ops` 里的运行情况复制到 ClickHouse，给看板“异常监控”和监控账号 `monitoring` 用：
- `ops.api_minute` 对聚水潭的请求：每分钟、接口与结果（`ok`、`http_429`、`code_199`、`timeout` …）的次数与耗时分布。
- `ops.module_minute` 每个模块的状态：滞后、死信、降级、最近的证书、未解决的事件，每分钟一行。
- `ops.bi_health` 瓴羊BI 的健康分，每分钟一行（怎么算、低了怎么办：docs/lingyang.md）。

前两张表保留 30 天，健康分 400 天。请求数由各进程在内存里累计、每 5 秒写一次控制库：进程被杀最多少算几秒。任务停在 **deferred**（紫色），在 triggerer 里工作，不占 worker；一次运行一小时，然后接着下一次。

## 多久算晚
看板上“数据截至”超过 60 秒变黄，超过 5 分钟变红。

## 变红了：先看什么，再做什么
1. 连续 5 分钟没有复制成功，而 ClickHouse 与 PostgreSQL 都有答复：看日志最后一句和“处理：”，多半是升级后还没有运行 `jst_schema`。
2. ClickHouse 或 PostgreSQL 没有答复时这里保持绿色：实时流与账本已经报告，恢复后自动补上。

## 能清除吗
可以，随时、多次：重复复制不改变结果。

## 重跑过去
不需要：ClickHouse 缺的会自己从控制库补上，最多 30 天。
"""

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.figures import CopyFiguresOperator

with DAG(
    dag_id="jst_figures",
    dag_display_name="3 运行指标 jst_figures",
    description="请求、滞后、死信、证书、BI 健康分 → ClickHouse，每 10 秒，给看板与监控",
    doc_md=__doc__,
    schedule="@continuous",
    dagrun_timeout=timedelta(hours=2),
    tags=["tier/2", "监控"],
    default_args=task_defaults("live"),
    **DAG_DEFAULTS,
) as dag:
    CopyFiguresOperator(
        task_id="copy_figures",
        task_display_name="复制运行指标",
        retries=0,
        execution_timeout=timedelta(minutes=90),
    )
