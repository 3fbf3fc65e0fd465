"""# 对账 jst_reconcile

## 搬什么
每 5 分钟，每个实时模块：最近 2 小时切成小窗口（gateway 每分钟一个，openapi 每 5 分钟一个，每一轮的边界都不同），再加今天更早的一整段，按 `modified` 比较源端的总数与 `dwd` 里的单数（加上未处理的死信）。
总数不同的窗口切成四份再比，直到只剩几页，写成来源为 reconcile 的计划重新读取、装载；仓库里多出来的单据按主键再问一次源端。每一轮还逐单比较两段的主键与 `modified`：随机抽的一小段，和刚满一小时的 6 分钟（迟到一小时以内的提交这时都在了）。
源端不按主键回答时（它第一次拒绝时就记下，每天再试一次），要按主键问的改为按窗口读，不必处理；某一问没有答复时先放下，其余照常对账，最后才报红。
openapi 方言的库存没有总数：5、15、30、60 分钟前沿 `ts` 读过的一段再读一遍。
迟到的提交（源端先写 `modified`、后提交，最多晚一小时）因此在一两轮内自愈。每个模块日志的最后一行是这一轮的结果。

## 多久算晚
一轮通常 10–60 秒；差异很多时分几轮修完。一小时没有一轮成功算晚。差异三轮都没有自愈时，控制库表 `incident`（kind = difference）里有一条写明单号的事件，自愈后自动关闭。

## 变红了：先看什么，再做什么
1. 打开红色任务的日志，看最后几行和“处理：”。
2. 源端、Kafka 或 ClickHouse 不可用：实时流已经报告时这里保持绿色、日志只有一行；恢复后下一轮自动接着做，没做完的计划不会丢。
3. 没有红、但日志写“差异没有自愈”：按日志里的单号在聚水潭里核对。
4. complete watermark 退回去并写着“对账：……”：这个窗口正在重读，装载后自己前进。

## 能清除吗
随时、多次。比较不写数据；重读的版本号保证旧数据不会盖住新数据。

## 重跑过去
只看今天的最近几小时，过去的日期用 DAG `jst_backfill`。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.reconcile import ReconcileOperator
from jst.model.module import modules_of

with DAG(
    dag_id="jst_reconcile",
    dag_display_name="3 对账 jst_reconcile",
    description="源端与仓库每 5 分钟对账，迟到的提交自愈",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(hours=1),
    tags=["tier/2", "对账"],
    default_args=task_defaults(
        "reconcile", retries=1, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(minutes=30)
    ),
    **DAG_DEFAULTS,
) as dag:
    for module in modules_of("live"):
        if module.listed:
            continue  # a list has no windows whose totals could be compared
        ReconcileOperator(
            task_id=f"reconcile_{module.name}", task_display_name=f"{module.title}对账", module=module.name
        )
