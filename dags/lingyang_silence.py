"""# 静默预警 lingyang_silence

## 搬什么
不搬数据。在表单里写规则（`include/config/alerts.yaml` 里的名字）、对象（留空是全部）、多少小时、原因：到时间之前不再发这些卡片。事件照样开、合，在页面**告警**的“静默”里看；已经说过的事件恢复时照样说一句。
在页面**告警**里也可以静默和提前解除。

## 多久算晚
手动运行，几秒钟。

## 变红了：先看什么，再做什么
看日志的“处理：”：规则名写错，或者没有写原因。

## 能清除吗
可以：从表单提交的时刻算起，清除不会延长。

## 重跑过去
没有意义。
"""

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.alerts import PARAMS, SilenceOperator

with DAG(
    dag_id="lingyang_silence",
    dag_display_name="4 静默预警 lingyang_silence",
    description="让一条规则或一个对象在一段时间里不发卡片，写明原因",
    doc_md=__doc__,
    schedule=None,
    dagrun_timeout=timedelta(minutes=10),
    params=PARAMS,
    tags=["tier/3", "预警"],
    default_args=task_defaults("dimensions", execution_timeout=timedelta(minutes=5)),
    **DAG_DEFAULTS,
) as dag:
    SilenceOperator(task_id="silence", task_display_name="静默")
