"""# 补货计划 lingyang_replenishment

## 搬什么
算出该采购什么、该从哪个仓库调什么：读 `dws.dws_inventory` 的库存、占用、采购在途、上下限和过去的销量、退货、断货天数，按需求的预测与参数（覆盖天数、到货天数、服务水平、预算……）得到每一行，连同原因写入 `dws.dws_replenishment_line`。怎么算的见 `docs/replenishment.md`。
平时由看板“商品库存预警”的按钮发起（采购角色），计划的进度、Excel 文件和历史也在那里；在这里手动触发也一样。谁要的、做到哪一步在控制库的表 `replenishment`。
`look_back`：回头看以前的计划后来怎样（到货、在途、仍断过货），写入 `dws.dws_replenishment_outcome`。

## 多久算晚
有人在看板前等：通常一分钟以内，十分钟没有做完算晚。

## 变红了：先看什么，再做什么
1. `check_params` 红：参数不对，日志最后一句说是哪一个、该填什么。重新触发即可，这次运行不用管。
2. `make_plan` 红：多半是 ClickHouse 或控制库不可用，恢复后清除这个任务，计划接着做。看板上那个人会看到原因。
3. `look_back` 红：只影响历史里“后来怎样”一列，计划与文件都是好的。恢复后清除，或等下一份计划。

## 能清除吗
可以，随时、多次。做好的计划不再改变（人们已经拿着它的文件），没做好的接着做；一次运行只有一份计划。

## 重跑过去
不需要：计划只对“现在”有意义。要新的计划就重新触发。
"""

from datetime import timedelta

from airflow.sdk import DAG, Param

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.replenishment import CheckParamsOperator, LookBackOperator, MakePlanOperator
from jst.replenishment.plan_form import load_form

with DAG(
    dag_id="lingyang_replenishment",
    dag_display_name="3 补货计划 lingyang_replenishment",
    description="该采购什么、该调拨什么，每一行有原因；由看板的按钮或手动触发",
    doc_md=__doc__,
    schedule=None,
    dagrun_timeout=timedelta(minutes=30),
    tags=["tier/2", "瓴羊BI", "补货"],
    params={
        name: Param(
            field.default,
            title=f"{field.title['zh']} {name}" + (f"（{field.unit['zh']}）" if field.unit else ""),
            description=field.help["zh"],
            **field.schema(),
        )
        for name, field in load_form().items()
    },
    default_args=task_defaults(
        "dimensions", retries=3, retry_delay=timedelta(seconds=10), execution_timeout=timedelta(minutes=10)
    ),
    **DAG_DEFAULTS,
) as dag:
    check = CheckParamsOperator(task_id="check_params", task_display_name="核对参数")
    make = MakePlanOperator(task_id="make_plan", task_display_name="算出计划并保存")
    look_back = LookBackOperator(task_id="look_back", task_display_name="回头看以前的计划")
    check >> make >> look_back
