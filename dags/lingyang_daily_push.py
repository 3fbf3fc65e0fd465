"""# 日报 lingyang_daily_push

## 搬什么
每天 08:30（北京时间）。等昨天的日证书签发、完整水位走过零点，然后把日报放进**发件箱**（页面“消息”）：昨天的关键指标（与前一日、上周同日比，带箭头）、需要看的（越线、超卖、售后率偏高）、相关店铺的负责人、看板的图（真实浏览器截的，2 倍清晰度）和链接。周报在周一，月报在每月 1 日。发什么、发到哪个群、什么时候作废，都在 `include/config/push.yaml`，不用改代码；说明见 `docs/push.md`。
- `say_late_…`：08:30 数据还没有齐，就马上说一句哪个模块、为什么、从什么时候起。
- `wait_…`：停在 **deferred**（紫色）等数据齐，不占 worker，最晚到 12:00。
- `send_…`：截图、写文字、放进发件箱。真正发送的是 `lingyang_messages`。
- `run_subscription`：可选，日证书签发后运行瓴羊BI 自己的订阅。

每一期只有一份：发件箱的键是“版本 + 业务日”，所以怎么清除、重启、回填、两个调度器，都不会发第二次。

## 多久算晚
08:30 昨天还没有证书就算晚，群里会有一句话；12:00 还没有就作废，群里再说一句“没有发出”。

## 变红了：先看什么，再做什么
1. `wait_…` 红、写“没有发出”：昨天的数据到 12:00 没有齐。日志里有哪个模块、为什么；去看账本和 `jst_backfill`。这一期不再发，看板上都有。
2. `send_…` 红、写“以文字发出，缺图”：文字已经发了，图没有。日志里有原因：没有浏览器或中文字体时按“处理”安装；“没有数”“不早于”时打开那个看板看它说什么。改好后下一期有图，清除任务不会再发。
3. `send_…` 在重试：ClickHouse 没有答复，或没有连接 `clickhouse_boards`。恢复后自动继续，到 12:00 为止。
4. “没有设置 [api] base_url”：设置 `AIRFLOW__API__BASE_URL`。
5. 任务都绿、群里没有：看页面“消息”，那里写着机器人为什么拒绝、怎么改；“可能已发送”的要人点一下才会再发。
6. `run_subscription` 红：瓴羊BI 的订阅失败或不知道有没有发出，到瓴羊BI 的订阅管理看。

## 能清除吗
可以，随时、多次：已经在发件箱里的不会再放一次。没有发出过、又过了 12:00 的不会再发。

## 重跑过去
不需要，也不会发：过去的业务日已经过了截止时间，任务会“已跳过”。要看过去的一天，打开看板选日期。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.push import RunSubscriptionOperator, SayLateOperator, SendEditionOperator, WaitForDaySensor
from jst.push.editions import AT, edition_titles, mail_edition

with DAG(
    dag_id="lingyang_daily_push",
    dag_display_name="2 日报 lingyang_daily_push",
    description="每天 08:30：数据齐了就把看板的图与关键指标发到群里；晚了说明原因",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(f"{AT.minute} {AT.hour} * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(hours=5),
    tags=["tier/1", "瓴羊BI", "消息"],
    default_args=task_defaults(
        "dimensions", retries=10, retry_delay=timedelta(minutes=1), execution_timeout=timedelta(minutes=5)
    ),
    **DAG_DEFAULTS,
) as dag:
    for name, title in edition_titles().items():
        about = {"edition": name}
        late = SayLateOperator(task_id=f"say_late_{name}", task_display_name=f"{title}：晚了就说", **about)
        wait = WaitForDaySensor(
            task_id=f"wait_{name}",
            task_display_name=f"{title}：等数据齐",
            execution_timeout=timedelta(hours=4),
            **about,
        )
        send = SendEditionOperator(
            task_id=f"send_{name}", task_display_name=f"{title}：截图并放进发件箱", pool="picture",
            execution_timeout=timedelta(minutes=20), **about,
        )  # fmt: skip
        late >> wait >> send
        if name == mail_edition():
            wait >> RunSubscriptionOperator(
                task_id="run_subscription", task_display_name="运行瓴羊BI 的订阅",
                execution_timeout=timedelta(minutes=15), **about,
            )  # fmt: skip
