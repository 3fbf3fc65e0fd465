"""# 数据检查 jst_checks

## 搬什么
不搬数据。每 5 分钟按 `include/config/checks.yaml` 检查到期的项目（每项各有间隔），问题写在 `include/sql/checks/<名字>.sql`，一行就是一个问题。检查项：
- `freshness` 数据太旧；`stale_version` 宽表行不是最新版本（最近两小时读到的；夜里 `stale_version_all` 检查全部）；`duplicate` 单据重复；`amounts` 明细金额加起来不等于单据金额；`stale_label` 标签或扣点与维表不一致；`warehouses_alike` 各仓库的库存完全相同：源端没有按仓库回答；`disk` ClickHouse 的磁盘快满了（严重）。
- `unknown_status` 不认识的状态；`unknown_sku` 商品资料里没有的 SKU；`unknown_shop` 工作簿里没有的店铺或费率；`abnormal_quantity` 数量小于 0；`left_empty` 源端的值读不懂或太大，已留空；`sku_spelling` 同一个 SKU 有几种写法；`zero_id` 旧版本留下的、编号为 0 的行；`backup_age` 备份太旧（提醒）。
- 这台机器自己的磁盘快满了，成为事件 disk_full。

最近一次的结果在导航栏的**账本**里（数据检查），历史在 ClickHouse `ops.check_result`。一直存在、超过各项宽限时间的，成为事件（控制库表 `incident`，kind = check 或 check_warn），不再出现时自动关闭。

## 多久算晚
一轮通常几秒到一分钟。账本会写明超过 30 分钟没有检查的项目。

## 变红了：先看什么，再做什么
1. 看日志：每项一行，✗ 后面是找到多少、前几个例子；最后一行的“处理：”按项说明怎么做、找谁。
2. 红 = 有严重的问题（severity: bad）还在；处理后下一轮自动变绿，不用清除。
3. 只是提醒（warn）不会变红，在账本里看。
4. ClickHouse 没有答复而实时流已经报告：这里保持绿色，恢复后下一轮自动检查。
5. 首次装载还没完成的模块，用到它的检查等它完成（日志写明）。

## 能清除吗
随时、多次。检查只读数据。

## 重跑过去
只看现在。手动触发一次会立刻检查全部项目，不管是否到期。
"""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.checks import RunChecksOperator

with DAG(
    dag_id="jst_checks",
    dag_display_name="3 数据检查 jst_checks",
    description="数据质量检查，每 5 分钟；一直存在的问题成为事件",
    doc_md=__doc__,
    # behind jst_dimensions of the same minutes, which corrects what two of the checks look for
    schedule=CronTriggerTimetable("3-59/5 * * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(minutes=20),
    tags=["tier/2", "检查"],
    default_args=task_defaults(
        "dimensions", retries=1, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(minutes=10)
    ),
    **DAG_DEFAULTS,
) as dag:
    RunChecksOperator(task_id="run_checks", task_display_name="检查数据")
