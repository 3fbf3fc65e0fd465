"""# 销售预测 lingyang_forecast

## 搬什么
每小时一次：
- 给昨天评分：昨天完整之后（完整水位过了零点、证书没有否定、汇总表跟上），把实际出库写在当天零点的预测旁边。看板上的“预测准确率”就是它；以后实际有更正，分数跟着改。
- 零点的预测，每天一次：合计、金额最大的 40 个店铺、其余店铺合为一组，各用几种方法：Prophet（装了 `[forecast]` 才有；小店用“日总量按平台曲线”）、季节基线（近 4 周同一天的形状 × 近 7 天的水平）、上周同日。全部存在 `ops.forecast_candidate`。
- 发布哪一个：Prophet 在最近 14 个评过分的平日比两个基线中更好的还准 2 % 以上，才发布它，否则发布基线，图上写明是哪一个。大促与节假日按 `include/config/promos.yaml`：有去年同日就用实测的倍数与形状，否则用文件里的假设，也写明。
- 今天其余的小时：9 点以后（大促日 12 点以后）按今天已有的实际调整。结果在 `dws.dws_shop_hour_forecast`：店铺 × 小时，可以相加，带误差，店铺负责人只看得到自己的店铺。

- 每个商品与仓库还能卖几天、哪一天卖完（任务 `outlook`）：写入 `dws.dws_sku_outlook`。

首次运行先补算最近 14 天（只用当天零点之前的数据），需要一两分钟，日志写明进度。

## 多久算晚
每小时 10 分开始，通常几秒；零点后的第一次约半分钟。预测的“说明”写着用到几点的数据；数据不全的预测有标记，补齐后自动重作。

## 变红了：先看什么，再做什么
1. 看 `forecast_sales` 日志最后一句和“处理：”。
2. “ClickHouse 没有答复”“控制库不可用”：恢复它，下一次运行自动补上；错过的小时与日子都会补。
3. 一直在等（deferred）：还没有一个完整的日子，首次装载完成后半分钟内自动继续；最多等 40 分钟，下一小时的运行接着等。
4. 是绿色却没有预测：日志写明历史不够（至少一个完整的日子；14 个以后才用 Prophet），或没有安装 Prophet（只用基线）。

## 能清除吗
可以，随时、多次：做完的部分不会重做，今天的预测按此刻的数据重写。

## 重跑过去
不需要：错过的日子自动补算并标明（`is_backtest`）；已经发布过的预测不改写。
"""

from datetime import timedelta

from airflow.sdk import DAG, Asset, CronTriggerTimetable

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.forecast import ForecastSalesOperator, OutlookOperator

with DAG(
    dag_id="lingyang_forecast",
    dag_display_name="2 销售预测 lingyang_forecast",
    description="今天 24 小时的出库预测，每小时；昨天的评分",
    doc_md=__doc__,
    # behind the last order of the hour, which takes minutes to be proven when the source is asked in batches
    schedule=CronTriggerTimetable("10 * * * *", timezone="Asia/Shanghai"),
    dagrun_timeout=timedelta(minutes=50),
    tags=["tier/2", "瓴羊BI", "预测"],
    default_args=task_defaults(
        "dimensions", retries=2, retry_delay=timedelta(minutes=1), execution_timeout=timedelta(minutes=20)
    ),
    **DAG_DEFAULTS,
) as dag:
    forecast_sales = ForecastSalesOperator(
        task_id="forecast_sales", task_display_name="预测今天的出库", outlets=[Asset("dws_shop_hour_forecast")]
    )
    # behind it, as it waits for the first load; days of stock are known also where the forecast is in trouble
    outlook = OutlookOperator(
        task_id="outlook",
        task_display_name="每个商品还能卖几天",
        trigger_rule="all_done",
        outlets=[Asset("dws_sku_outlook")],
    )
    forecast_sales >> outlook
