"""# 清理 jst_housekeeping

## 搬什么
不搬数据。每天 04:40 删除过期的东西，各保留多少天写在 `include/config/retention.yaml`：
- `clean_control` 控制库 `jst_ops`：已完成的计划与回执、结束的事件、已重投的死信、发过的消息与图片、请求计数、备份记录。
- `clean_runs` Airflow 自己的运行、任务、事件记录（`airflow db clean`）。要有连接 `airflow_metadata`（类型 postgres，Airflow 的元数据库），没有就跳过。
- `clean_logs` Airflow 的日志文件，在运行这个任务的机器上。

其余的自己过期：Kafka 7 天（死信 90 天），ClickHouse 的 `ods` 与 `ops` 按各表的 TTL，备份由备份命令删除。宽表、汇总表、证书、补货计划一直保留。全部列在 docs/retention.md。

## 多久算晚
几秒到几分钟；第一次运行、积压很多时更久。几天没有运行只是多占磁盘。

## 变红了：先看什么，再做什么
1. 看日志最后的“处理：”。
2. `airflow db clean 没有完成`：核对连接 `airflow_metadata`，再清除任务。
3. `clean_logs` 没有权限：日志目录属于另一个账号，改好权限再清除。

## 能清除吗
随时、多次：只删除过期的。

## 重跑过去
没有日期的概念。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.housekeeping import CleanControlOperator, CleanLogsOperator, CleanRunsOperator

with DAG(
    dag_id="jst_housekeeping",
    dag_display_name="4 清理 jst_housekeeping",
    description="每天删除过期的计划、事件、消息、运行记录与日志",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("40 4 * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(hours=3),
    tags=["tier/2", "清理"],
    default_args=task_defaults(
        "dimensions", retries=2, retry_delay=timedelta(minutes=5), execution_timeout=timedelta(hours=1)
    ),
    **DAG_DEFAULTS,
) as dag:
    CleanControlOperator(task_id="clean_control", task_display_name="清理控制库")
    CleanRunsOperator(task_id="clean_runs", task_display_name="清理 Airflow 的运行记录")
    CleanLogsOperator(task_id="clean_logs", task_display_name="清理日志文件")
