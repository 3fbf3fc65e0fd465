"""# 发送消息 lingyang_messages

## 搬什么
不搬数据。把发件箱（控制库 `jst_ops` 的表 `message`）里到时间的消息发到钉钉、飞书和短信：每秒看一次，先发事件，再发报告。一个机器人同一时刻只有一个进程在发，守它自己的限速（钉钉每分钟 15 条，飞书每分钟 80 条、每秒 4 条），整点与半点的头 7 秒不发。任务停在 **deferred**（紫色），在 triggerer 里工作，不占 worker；一次运行一小时，然后接着下一次。

每条消息发没发、为什么没发，见导航栏的**消息**。没有建连接的通道什么都不发，消息页显示本来会发什么。

## 多久算晚
事件放进发件箱后几秒内发出；限速或对方限流时排队，消息页写明等到什么时候。过了截止时间（每条自己的 until）就跳过，不再发。

## 变红了：先看什么，再做什么
1. 任务红：连续 5 分钟不能看发件箱，而 PostgreSQL 有答复。看日志最后一句和“处理：”，多半是升级后还没有运行 `jst_schema`。
2. 机器人不收（密钥、签名、关键词、IP）：任务不红，**账本**第一行与**消息**页是红的，写着改什么。改好后 5 分钟内自动再发，或在消息页点“再发一次”。
3. **可能已发送**：发的时候连接断了，不知道群里有没有。到群里看一眼，没有就点“再发一次”。报告不会自己重发；事件会自己重发，带着事件编号。

错误码与怎么接机器人：`docs/messages.md`。

## 能清除吗
可以，随时、多次：已经发出的不会再发。

## 重跑过去
不需要。要再发某一条，在消息页点“再发一次”。
"""

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.messages import DeliverMessagesOperator

with DAG(
    dag_id="lingyang_messages",
    dag_display_name="4 发送消息 lingyang_messages",
    description="发件箱 → 钉钉、飞书、短信，几秒内，每条一次",
    doc_md=__doc__,
    schedule="@continuous",
    dagrun_timeout=timedelta(hours=2),
    tags=["tier/1", "消息"],
    default_args=task_defaults("live"),
    **DAG_DEFAULTS,
) as dag:
    DeliverMessagesOperator(
        task_id="deliver_messages",
        task_display_name="发送消息",
        retries=0,
        execution_timeout=timedelta(minutes=90),
    )
