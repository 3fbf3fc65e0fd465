"""# 首次装载 jst_initial

## 搬什么
实时流从安装那一刻开始；这里补上那一刻之前的数据：库存与商品资料取源端现有的全部（最近 3 年内改过的），销售出库与售后取最近 3 天（模块文件 `include/config/modules/*.yaml` 的 `initial_days`）。
`pull` 从新到旧一个窗口接一个窗口地拉到 Kafka，装载由各模块自己的实时流与 `jst_dimensions` 完成；`wait` 等到全部装好并证明完整。
用的是最低的优先级（initial）：额度先给实时流，剩下的才轮到这里。

## 多久算晚
看 `pull` 的日志或导航栏的**账本**：进度、行数、预计还需多久。30,000 个 SKU 加 3 天订单在 gateway 方言约 10–20 分钟；openapi 方言全部接口每分钟只有 100 次，白天可能要几小时。

## 变红了：先看什么，再做什么
1. 打开红色任务的日志，看最后几行和“处理：”。
2. `pull` 红：源端或 Kafka 长时间不可用，或记录大多读不懂。恢复后清除它，从断点接着拉，拉过的不会再拉。
3. `wait` 红：已拉到 Kafka 但一直没有证明完整。看对应模块的实时流是不是红的；处理好后清除 `wait`。
逐步说明（带真实日志）：`docs/runbooks/first-load-stuck.md`。

## 能清除吗
随时可以。已经拉过的窗口不会重拉；没有剩余窗口时立刻结束。

## 重跑过去
只在安装时运行一次。要更早的数据：先把 `initial_days` 改大，再在空的系统上重新开始。
"""

from datetime import timedelta

from airflow.sdk import DAG

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.initial import InitialPullOperator
from jst.airflow.sensors import CompleteWatermarkSensor
from jst.model.module import load_module, module_names

with DAG(
    dag_id="jst_initial",
    dag_display_name="4 首次装载 jst_initial",
    description="安装之前的数据，从新到旧，用实时流剩下的额度",
    doc_md=__doc__,
    schedule="@once",
    dagrun_timeout=timedelta(days=14),
    tags=["tier/2", "首次装载"],
    default_args=task_defaults(
        "backfill", retries=20, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(days=7)
    ),
    **DAG_DEFAULTS,
) as dag:
    for module in map(load_module, module_names()):
        if not module.initial_days:
            continue
        pull = InitialPullOperator(
            task_id=f"pull_{module.name}", task_display_name=f"拉取历史{module.title}", module=module.name
        )
        wait = CompleteWatermarkSensor(
            task_id=f"wait_{module.name}",
            task_display_name=f"等历史{module.title}装好",
            module=module.name,
            until=f"{{{{ ti.xcom_pull(task_ids='{pull.task_id}') }}}}",
            timeout=timedelta(days=1).total_seconds(),
        )
        pull >> wait
