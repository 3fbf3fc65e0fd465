"""# 回填与日证书 jst_backfill

## 搬什么
每天 01:30（北京时间）把昨天重新读一遍，与仓库逐条比对，签发当天的**证书**（控制库表 `certificate`）。也用它回填任何过去的日期（见最后一节）。
- 销售出库：`io_date` 在这一天的，和 `modified` 在这一天的，各按 4 小时一个切片。
- 售后：`modified` 从这一天起、最多 7 天以内的（售后只能按 `modified` 查；这一天创建、后来又变过的也在里面）。
- 库存：按 SKU 逐一询问（只有核对昨天时；过去的库存源端没有）。有些变更（次品库存、自定义仓）不移动 `modified`，实时流看不到，靠这里找回。
- `snapshot_inventory`：零点后第一个完整水位时把 `dws_inventory` 存为 `dws.dws_inventory_day` 的一天，存下后不再改变。

每个切片拉到 Kafka（每一行都写），由装载任务装进宽表，然后按主键集合比对：缺失、版本不同、多出的，按主键再问源端，最多三轮。额度用的是最低一级（backfill），实时流永远在前；要等一分钟以上时任务让出 worker，停在 **deferred**（紫色），不算失败。

## 多久算晚
要多久取决于单量与额度（openapi 每分钟只有 100 次），看试运行（`dry_run`）。早上 08:00 昨天还没有证书算晚。

## 变红了：先看什么，再做什么
1. `certify_…` 红：这一天没有证明。日志最后几行写着**哪几个小时、为什么**，以及“处理：”。
2. 写“没有拉取”：对应的 `pull_…` 切片是红的，先看它的日志（源端或 Kafka 不可用、记录读不懂），恢复后清除这个切片和 `certify_…`。
3. 写“死信 n 条待处理”：有记录读不懂。处理死信后清除 `certify_…`；死信被搁置（parked）后，证书写“完整，但有例外”，不再红。
4. 写“缺失”“版本不同”“多出”：已按主键问过源端仍对不上。拿日志里的单号到聚水潭核对；源端物理删除的单据会显示为“多出”。
5. 写“原始记录已不在”：切片是一周以前拉的，清除切片重新拉取。
6. 写“库存改换了口径”：切片是改 `extra.stock` 之前读的，清除切片和 `certify_inventory`；正在改换时 `certify_inventory` 自己等（紫色）。
7. `snapshot_inventory` 红或一直是紫色：库存的完整水位没有走过零点，看 `jst_inventory`。

逐步说明（带真实日志）：`docs/runbooks/backfill-not-proven.md`。

## 能清除吗
随时可以，清几次都一样。清除切片会找到它原来的计划再读一遍，不影响别的日子，也不影响实时进度；清除 `certify_…` 再核一遍、再签一张（旧证书都留着）。版本号保证旧数据不会盖住新数据。

## 重跑过去
1. 点右上角 **触发**（Trigger），选 **回填**（Backfill）。
2. 日期范围填开始与结束日期（都包含），时间不填。页面时区显示成 UTC 或北京时间都一样：选的就是业务日。
3. 重新处理行为：默认的“遗漏的执行”对已经跑过的日子**什么都不做**；要再回填一次请选 **所有执行**（reprocess completed）。
4. 要少做一些：勾选“覆盖现有执行的参数”，改 `modules`，或打开 `dry_run` 先看要多少请求、多少分钟（不改动任何东西）。勾选过的参数会留在那次运行里：试运行过的日子，正式回填时要再勾选一次，把 `dry_run` 关掉。
5. 点 **执行回填**。每次运行以业务日命名（`backfill__2026-03-04`），第一个任务 `open_day` 会先说是哪个业务日、是否已有证书。
"""

from datetime import timedelta

from airflow.sdk import DAG, Asset, Param

from jst.airflow.dag_defaults import DAG_DEFAULTS, task_defaults
from jst.airflow.operators.backfill import (
    CertifyOperator,
    OpenDayOperator,
    PlanDayOperator,
    PullSliceOperator,
    SnapshotStockOperator,
    WaitForNightOperator,
)
from jst.airflow.table_assets import certified_day, wide_table
from jst.airflow.timetables import BusinessDayTimetable
from jst.model.module import load_module, module_names

MODULES = [module.name for module in map(load_module, module_names()) if module.backfill]

with DAG(
    dag_id="jst_backfill",
    dag_display_name="3 回填与日证书 jst_backfill",
    description="把一个业务日重新读一遍、逐条比对、签发证书；任何过去的日期用回填表单",
    doc_md=__doc__,
    schedule=BusinessDayTimetable(),
    dagrun_timeout=timedelta(hours=22),
    tags=["tier/1", "回填", "证书"],
    params={
        "modules": Param(
            MODULES, type="array", items={"type": "string", "enum": MODULES}, examples=MODULES,
            title="模块", description_md="要核对的模块，默认全部",
        ),
        "dry_run": Param(
            False, type="boolean", title="试运行 dry_run", description_md="打印窗口、请求数、按当前额度要几分钟；不改动任何东西"
        ),
    },
    default_args=task_defaults(
        "backfill", retries=10, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(hours=6)
    ),
    **DAG_DEFAULTS,
) as dag:  # fmt: skip
    # These take a moment, and the snapshot is of midnight: they must not stand behind a first load.
    at_once = {"pool": "dimensions"}
    open_day = OpenDayOperator(task_id="open_day", task_display_name="这一天现在怎样", **at_once)
    snapshot = SnapshotStockOperator(
        task_id="snapshot_inventory", task_display_name="存下当日库存", outlets=[Asset("dws_inventory_day")], **at_once
    )
    night = WaitForNightOperator(task_id="wait_night", task_display_name="等到次日 01:30", **at_once)
    open_day >> [snapshot, night]
    for module in map(load_module, MODULES):
        plan = PlanDayOperator(
            task_id=f"plan_{module.name}", task_display_name=f"{module.title}分切片", module=module.name
        )
        pull = PullSliceOperator.partial(
            task_id=f"pull_{module.name}",
            task_display_name=f"拉取{module.title}切片",
            map_index_template="{{ task.part['name'] }}",
            max_active_tis_per_dag=2,
        ).expand(part=plan.output)
        certify = CertifyOperator(
            task_id=f"certify_{module.name}",
            task_display_name=f"核对{module.title}并签证书",
            module=module.name,
            outlets=[certified_day(module.name), *wide_table(module.name)],
            trigger_rule="all_done",
        )
        night >> plan >> pull >> certify
