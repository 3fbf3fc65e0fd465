"""# 死信 jst_dead_letters

## 搬什么
每 10 分钟：把成了死信的记录和页重新读一遍（读不懂的记录按主键问一次，再不行就整窗重读；一直没有答复的页重读它的窗口）→ Kafka → 宽表。装好之后死信记为 redriven，它卡住的窗口变成 proven，完整水位继续前进。
首页一直失败、被实时流放在一边的计划，也由这里再试（2 分钟后，之后间隔加倍，最长 1 小时）。
每条死信最多自动重投 5 次（立刻，再隔 10、20、40、80 分钟）；仍然失败就**搁置**（parked）：它的窗口记为例外（excepted），完整水位越过它，`make status` 和日志显示条数，并开一个事件。
还会把只写进 Kafka `ods.dead_letters`、没来得及登记的死信补登到控制库表 `letter`。

## 多久算晚
一次运行通常几秒。死信产生 10 分钟内应被重投一次；连续 3 次运行失败算晚。

## 变红了：先看什么，再做什么
1. 看日志最后几行和“处理：”。红通常说明源端、Kafka 或 ClickHouse 不可用，与实时流同时红；恢复后下一次运行自动接着做。
2. 有搁置的死信（`make status` 显示“搁置”）：手动运行本 DAG，动作选“列出”看原因；修好源端的记录，或者改正 `include/config/modules/*.yaml`，再选“重投”并取消勾选试运行。
3. 死信确实不要了：动作选“搁置”，窗口记为例外，不再自动重投。
逐步说明见 `docs/runbooks/dead-letters-parked.md`、`docs/runbooks/letters-limit.md`。

## 能清除吗
随时可以，清几次都一样。被杀掉的运行留下的重投计划由下一次运行接着做；版本号保证旧数据不会盖住新数据。

## 重跑过去
没有日期的概念：重投的是所有还没处理好的死信。只想处理一部分，手动运行并选模块、原因、起始时刻。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.dead_letters import PARAMS, DeadLettersOperator

with DAG(
    dag_id="jst_dead_letters",
    dag_display_name="3 死信 jst_dead_letters",
    description="死信每 10 分钟重投，多次失败后搁置；手动可列出、重投、搁置",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(hours=2),
    params=PARAMS,
    tags=["tier/2", "死信"],
    default_args=task_defaults(
        "redrive", retries=1, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(hours=1)
    ),
    **DAG_DEFAULTS,
) as dag:
    DeadLettersOperator(task_id="redrive_letters", task_display_name="重投死信", tries=5, pause=timedelta(minutes=10))
