"""# 汇总表 jst_marts

## 搬什么
看板、预警与瓴羊BI 一再要问的数，预先按业务日汇总好：
- `dws.dws_shop_hour` 店铺 × 小时：出库、应收、退款（趋势、排行、财务应收）。
- `dws.dws_shop_warehouse_day` 店铺 × 仓库 × 日：从各仓发出的出库（库存地图的热度）。
- `dws.dws_shop_margin_day` 店铺 × 日：出库、成本、扣点、退款（毛利，只有 finance 角色可见）。每行的成本在首次计入出库时记下（`dwd.dwd_line_cost`），之后不变。
- `dws.dws_shop_style_day` 店铺 × 款式 × 日：售后率与它的分子分母（售后监控）。
- `dws.dws_shop_style_week` 店铺 × 款式，最新一天与之前 7 个完整日（售后率 TOP 10、预警）。
- `dws.dws_shop_sku_day` 店铺 × 商品 × 日：两边的可加部分，在瓴羊BI 里拖拽售后率、周转天用。

装载、改标签、回填、重放每写一次宽表，就记下涉及的业务日（控制库表 `mart_day`）；这里从最新的日子开始，用与指标同一套 SQL 从宽表重算，只改写有变化的行。每小时还把全部日子与宽表对一遍，自己找出没有记到的（例如有人直接改过表）。

## 多久算晚
今天与昨天在宽表变化后几秒内更新；改了大量标签时，更早的日子一天一天补上，日志写明还有多少天。落后 5 分钟，检查 `mart_freshness` 会报。

## 变红了：先看什么，再做什么
1. 看 `refresh_marts` 日志最后一句和“处理：”。
2. “ClickHouse 连不上”：恢复它，会自动继续；宽表与装载不受影响。
3. “不接受汇总表的重算”：多半是内存或磁盘，按原话处理后清除本任务。

## 能清除吗
可以，随时、多次：每一天都是从宽表整个重算的。

## 重跑过去
不需要：过去的日子一有变化就自己重算。
"""

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.marts import RefreshMartsOperator
from jst.airflow.retry_policy import HoldBack
from jst.airflow.sensors import MartDaysSensor
from jst.airflow.table_assets import marts, wide_tables
from jst.flow.mart_refresh import MARTS

with DAG(
    dag_id="jst_marts",
    dag_display_name="2 汇总表 jst_marts",
    description="宽表 → 店铺、款式、商品的汇总表，几秒内跟上",
    doc_md=__doc__,
    schedule="@continuous",
    dagrun_timeout=timedelta(hours=2),
    tags=["tier/2", "汇总表"],
    default_args=task_defaults("live", HoldBack(MARTS)),
    **DAG_DEFAULTS,
) as dag:
    watch = MartDaysSensor(
        task_id="watch_marts",
        task_display_name="等待宽表变化",
        retries=0,
        execution_timeout=timedelta(hours=1),
    )
    watch >> RefreshMartsOperator(
        task_id="refresh_marts",
        task_display_name="重算汇总表",
        inlets=wide_tables(),
        outlets=marts(),
        retries=20,
        retry_delay=timedelta(seconds=5),
        execution_timeout=timedelta(minutes=20),
    )
