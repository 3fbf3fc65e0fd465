"""# 重放 jst_rebuild

## 搬什么
把 Kafka `ods.<模块>` 里现存的一段原始记录重新装进 ClickHouse（`ods`、`dwd`、`dws`/`dim`），不问聚水潭。用在两种时候：`include/sql` 的清洗或加宽规则改了；仓库是空的。
版本号随记录保存在 Kafka 里，旧记录盖不住新记录；计划和水位不动。每 5,000 条放一次装载锁，实时装载排在中间，最多多等一两秒。

## 多久算晚
没有期限。日志里有进度和预计剩余时间；先用 `dry_run`（默认）看清 topic、offset、条数和分钟数。

## 变红了：先看什么，再做什么
1. “开头已经过期”：Kafka 只保留 7 天。起点改晚，或留空（现存的全部）；更早的用 `jst_backfill` 回填。
2. ClickHouse、Kafka 或控制库连不上：恢复后清除红色任务，从断点接着做。
3. “ClickHouse 不接受…的装载”：多半是新规则写错了，改好 `include/sql` 再清除。

## 能清除吗
可以，随时、多次。没做完的从断点继续；做完的按同样的 offset 再做一遍，结果不变。

## 重跑过去
手动触发：选模块，`since`/`until` 是记录写入 Kafka 的时间（北京时间），都留空是 Kafka 现存的全部；确认无误后把 `dry_run` 关掉。
空仓库：先运行 `jst_schema` 和 `jst_dimensions`（店铺、费率来自工作簿，不在 Kafka 里），再重放。
"""

from datetime import timedelta

from airflow.sdk import DAG, Param

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.rebuild import RebuildOperator
from jst.model.module import load_module, module_names
from jst.warehouse.widen_tables import has_labels

MODULES = [load_module(name) for name in module_names()]

with DAG(
    dag_id="jst_rebuild",
    dag_display_name="4 重放 jst_rebuild",
    description="从 Kafka 重放原始记录到宽表，不问聚水潭",
    doc_md=__doc__,
    schedule=None,
    dagrun_timeout=timedelta(days=2),
    tags=["tier/2", "重放"],
    params={
        "modules": Param(
            module_names(),
            type="array",
            items={"type": "string", "enum": module_names()},
            examples=module_names(),
            title="模块 modules",
            description="要重放的模块；维表先于事实",
        ),
        "since": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="从 since",
            description="记录写入 Kafka 的时间，不带时区按北京时间；留空：Kafka 现存最早的记录",
        ),
        "until": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="到 until",
            description="不含这一刻；留空：现在",
        ),
        "dry_run": Param(
            True, type="boolean", title="试运行 dry_run", description="只在日志里写出 topic、offset、条数、分钟数"
        ),
    },
    default_args=task_defaults(
        "backfill", retries=5, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(days=1)
    ),
    **DAG_DEFAULTS,
) as dag:
    tasks = {
        module.name: RebuildOperator(
            task_id=f"rebuild_{module.name}",
            task_display_name=f"重放{module.title}",
            module=module.name,
            trigger_rule="none_failed",
        )
        for module in MODULES
    }
    for dimension in (module for module in MODULES if not has_labels(module)):
        tasks[dimension.name] >> [tasks[module.name] for module in MODULES if has_labels(module)]
