"""# 谁能看哪些店铺 lingyang_access

## 搬什么
每 5 分钟（在店铺工作簿导入之后）：把生效的工作簿里的“负责人账号”和 `include/config/access.yaml` 里的人员写入 ClickHouse 的 `access.user_shop`（账号能看的店铺）与 `access.user_role`（已知账号、财务）。看板和个人账号的行策略查这两张表，所以换负责人不用重启、不用改用户。
有连接 `quick_bi_default` 时，还把瓴羊BI 的标签表 `access.quick_bi_tag`、标签缓存、行级权限规则的成员与开关保持一致，并以每个成员的身份取数、核对返回的 SQL；没有这个连接时任务 `sync_quick_bi` 是“已跳过”，这是正常的。
然后逐一证明：以每个账号的名义查每张表，看到的正好是自己的店铺；未知账号和未署名的查询什么也看不到；成本列只有财务角色读得到。结果写入 `ops.access_proof`（保留 7 天），日志里每个账号一行。

## 多久算晚
改了负责人，最迟 12 分钟生效（导入 5 分钟，本 DAG 5 分钟，运行一两分钟）。连续两次运行失败算晚。

## 变红了：先看什么，再做什么
1. `prove_access` 红且日志有“✗”：有人看到了不该看的，或看不到该看的。先看“✗”那几行；多半是 ClickHouse 的用户、行策略与 `include/config/access.yaml` 不一致，按 `docs/lingyang.md` 的“账号”一节重新执行。在改好之前不要把看板给人看。
2. “没有连接 clickhouse_boards”：按日志补上连接（账号 `boards`、`boards_finance`）。
3. `sync_quick_bi` 红：“拒绝了 …”看连接里的 AccessKey、编号与瓴羊BI 的版本；“没有绑定标签表”“没有启用的行级权限规则”按 `docs/lingyang.md` 做一次手工的部分；有“✗”时先在瓴羊BI 里停止分享相关看板。
4. `fill_access` 红：ClickHouse 不可用，恢复后下一次运行自动补上；期间权限保持上一次的样子。

## 能清除吗
可以，随时、多次。写入只改有变化的行；证明只读，每次多一份记录。

## 重跑过去
不需要：权限只有“现在”。过去的证明在 `ops.access_proof`。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.access import FillAccessOperator, ProveAccessOperator, SyncQuickBiOperator

with DAG(
    dag_id="lingyang_access",
    dag_display_name="2 谁能看哪些店铺 lingyang_access",
    description="从店铺工作簿的负责人得到查看权限，并以每个账号查询来证明",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("2-59/5 * * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(minutes=30),
    tags=["tier/1", "瓴羊BI", "权限"],
    default_args=task_defaults(
        "dimensions", retries=2, retry_delay=timedelta(seconds=10), execution_timeout=timedelta(minutes=10)
    ),
    **DAG_DEFAULTS,
) as dag:
    fill = FillAccessOperator(task_id="fill_access", task_display_name="写入谁能看哪些店铺")
    prove = ProveAccessOperator(task_id="prove_access", task_display_name="以每个账号查询来证明")
    sync = SyncQuickBiOperator(task_id="sync_quick_bi", task_display_name="瓴羊BI：标签、规则成员与证明")
    fill >> [prove, sync]
