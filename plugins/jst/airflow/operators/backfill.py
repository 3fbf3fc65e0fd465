"""The operators of ``jst_backfill``: open a day, read it slice by slice, certify it."""

from __future__ import annotations

import logging
from abc import abstractmethod
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from jst.airflow.hooks import parts_from_connections
from jst.airflow.table_assets import certified_day
from jst.airflow.triggers import CompleteWatermarkTrigger
from jst.clock import SHANGHAI, SystemClock, about_minutes
from jst.control.load_progress import progress
from jst.errors import Refused, Unproven
from jst.flow.backfill.business_day import OPENS_AFTER, Slice, ends, is_yesterday, slices
from jst.flow.backfill.estimate import costs, minutes
from jst.model.module import load_module
from jst.warehouse.day_compare import snapshot, take_snapshot

if TYPE_CHECKING:
    from airflow.sdk import Context

    from jst.wiring import Parts

log = logging.getLogger(__name__)
JUST_BEFORE_SECONDS = 60.0
"""The day's run is made a second before the day ends; a person may trigger one hours before."""
SNAPSHOT_UNTIL = timedelta(hours=20)
"""After midnight; a snapshot that waits longer would stand in the next day's way."""


def business_day(context: Context) -> date:
    """Return the day the run is about; of a run without a date it is yesterday."""
    start = context.get("data_interval_start")
    if start is not None:
        return start.astimezone(SHANGHAI).date()
    return context["dag_run"].run_after.astimezone(SHANGHAI).date() - timedelta(days=1)


class OpenDayOperator(BaseOperator):
    """Say what is known of the day; a dry run ends here, with what the day would cost."""

    def execute(self, context: Context) -> None:
        day, params = business_day(context), context["params"]
        log.info("业务日 %s（北京时间 00:00–24:00）", day)
        with parts_from_connections() as parts:
            left = (ends(day) - parts.clock.now()).total_seconds()
            if 0 < left <= JUST_BEFORE_SECONDS:
                parts.clock.sleep(left)
            elif left > 0:
                raise AirflowSkipException(f"{day} 还没有过完；次日 01:30 会自动核对")
            known = parts.certificates.of_day(day)
            if not known:
                log.info("%s 还没有证书", day)
            for issued in known:
                found = issued.certificate
                log.info("这一天已有证书：%s（第 %d 次，%s 签发）", found, issued.number, f"{issued.issued_at:%F %T}")
                for reason in found.reasons:
                    log.info("　　%s", reason)
                if found.module in params["modules"]:
                    log.info("　　重跑会再核一遍 %s，并签发新的一张", found.module)
            if params["dry_run"]:
                _tell_costs(parts, day, params["modules"])
                raise AirflowSkipException("试运行：没有改动任何东西")


def _tell_costs(parts: Parts, day: date, modules: list[str]) -> None:
    wanted = [part for name in modules for part in slices(load_module(name), day, parts.clock.now())]
    found = []
    for cost in costs(wanted, parts.client, parts.warehouse, lambda name: len(parts.puller(name).warehouses.asked())):
        found.append(cost)
        log.info("%s", cost)
    needed = minutes(found, parts.client, parts.budget)
    log.info(
        "试运行，业务日 %s：%d 个切片，约 %s 次请求；按当前额度%s（另加启动约 1 分钟；实时流先用额度，忙时更久）",
        day, len(found), f"{sum(cost.requests for cost in found):,}", about_minutes(needed),
    )  # fmt: skip


class WaitForNightOperator(BaseOperator):
    """Wait until 01:30 after the day, in the triggerer: late commits of the day have come by then."""

    def execute(self, context: Context) -> None:
        opens = ends(business_day(context)) + OPENS_AFTER
        if opens > SystemClock().now():
            log.info("%s 之后开始核对", f"{opens:%F %T}")
            self.defer(trigger=DateTimeTrigger(moment=opens), method_name="opened")

    def opened(self, context: Context, event: Any = None) -> None:
        """Go on: it is time."""


class PlanDayOperator(BaseOperator):
    """Return the slices of one module's day, for the mapped pull; skipped when the form did not choose the module."""

    def __init__(self, *, module: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module = module

    def execute(self, context: Context) -> list[dict[str, str]]:
        day = business_day(context)
        if self.module not in context["params"]["modules"]:
            raise AirflowSkipException(f"没有选择模块 {self.module}")
        with parts_from_connections() as parts:
            found = slices(load_module(self.module), day, parts.clock.now())
            began = parts.certificates.now().isoformat()
        if not found:
            raise AirflowSkipException(f"{self.module} 只有“现在”，{day} 不能再核对；那一天的快照见 dws_inventory_day")
        log.info("%s 的 %s 分 %d 个切片", day, self.module, len(found))
        return [part.as_json() | {"name": str(part), "began": began} for part in found]


class PatientOperator(BaseOperator):
    """Does work that asks the source at the lowest priority. When its turn is more than a minute away it waits in the
    triggerer: that takes no worker and counts as no failure; what is done stays done."""

    def execute(self, context: Context) -> Any:
        try:
            return self.work(context)
        except Refused as slow:
            log.warning("%s", slow)
            log.warning("让出 worker，%.0f 秒后继续", slow.after)
            moment = SystemClock().now() + timedelta(seconds=slow.after)
            self.defer(trigger=DateTimeTrigger(moment=moment), method_name="resumed")

    def resumed(self, context: Context, event: Any = None) -> Any:
        """Go on where the pause interrupted the work."""
        return self.execute(context)

    @abstractmethod
    def work(self, context: Context) -> Any:
        """Do the work; may be called again after a pause. Raises Refused when its turn is more than a minute away."""


class PullSliceOperator(PatientOperator):
    """Pull one slice of the day to Kafka. ``part``: as ``PlanDayOperator`` returns it."""

    def __init__(self, *, part: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = part

    def work(self, context: Context) -> dict[str, int]:
        part, run_id = Slice.from_json(self.part), context["run_id"]
        with parts_from_connections() as parts:
            worker = parts.plan_worker(part.module, self.dag_id, run_id)
            return parts.slice_pull(part, self.dag_id, run_id).run(worker, datetime.fromisoformat(self.part["began"]))


class CertifyOperator(PatientOperator):
    """Compare one module's day and issue its certificate; fails when the day is not proven."""

    def __init__(self, *, module: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module = module

    def work(self, context: Context) -> str:
        day, run_id = business_day(context), context["run_id"]
        # What the plan task left behind may be of an earlier attempt: a dry run skips it without running it.
        wanted = self.module in context["params"]["modules"] and not context["params"]["dry_run"]
        planned = context["ti"].xcom_pull(task_ids=f"plan_{self.module}") if wanted else None
        if not planned:
            raise AirflowSkipException(f"{self.module} 的 {day} 没有切片要核对")
        with parts_from_connections() as parts:
            read = [Slice.from_json(facts) for facts in planned]
            certificate = parts.day_check(self.module, day, read, self.dag_id, run_id).run()
            number = parts.certificates.issue(certificate, self.dag_id, run_id)
        log.info("证书（第 %d 次）：%s", number, certificate)
        if certificate.reasons:
            for reason in certificate.reasons:
                log.error("%s", reason)
            raise Unproven(
                f"{day} 的 {self.module} 没有证明：{'；'.join(certificate.reasons)[:1500]}",
                do="切片是红的：按它的日志处理后清除它和本任务；死信：处理后清除本任务；缺失、多出：在聚水潭核对日志里的单号",
            )
        event = context["outlet_events"][certified_day(self.module)]
        event.add_partitions(f"{day}")
        event.extra = {"state": certificate.state, "number": number}
        return str(certificate)


class SnapshotStockOperator(BaseOperator):
    """Keep the stock as the day left it: once per day, at the first complete watermark after its midnight."""

    def __init__(self, *, module: str = "inventory", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module = module

    def execute(self, context: Context) -> None:
        day = business_day(context)
        with parts_from_connections() as parts:
            rows, taken = snapshot(parts.warehouse, day)
            if taken is not None:
                log.info("%s 的库存快照已在 %s 存下（%d 行），不再改变", day, f"{taken:%F %T}", rows)
                return
            if not is_yesterday(day, parts.clock.now()):
                raise AirflowSkipException(f"{day} 没有留下库存快照；源端只有“现在”，过去的库存无法再得到")
            complete, now = parts.plans.watermarks.value(self.module, "complete"), parts.clock.now()
            if complete is not None and complete >= ends(day):
                with parts.load_lock.hold(self.module):  # the table must not change over to another kind meanwhile
                    take_snapshot(parts.warehouse, day, now)
                log.info("%s 的库存快照：%d 行，完整水位 %s", day, snapshot(parts.warehouse, day)[0], complete)
                return
            loading = [each for each in progress(parts.database, under_way=True) if each.module == self.module]
        left = ends(day) + SNAPSHOT_UNTIL - now
        if left <= timedelta(0) and (complete is None or loading):
            # a system installed on this day: red would ask for something that cannot be done
            raise AirflowSkipException(f"{day} 结束时库存还没有开始读取，这一天没有库存快照；从今晚零点起每天都有")
        if left <= timedelta(0):
            raise Unproven(
                f"{self.module} 的完整水位到 {now:%F %T} 还没有走过 {day} 的结束",
                do=f"看 jst_{self.module}：完整水位停在哪个计划、为什么；走过之后清除本任务（只在次日之内有效）",
            )
        trigger = CompleteWatermarkTrigger(self.module, ends(day).isoformat(), 5.0)
        self.defer(trigger=trigger, method_name="complete", timeout=left)

    def complete(self, context: Context, event: Any = None) -> None:
        self.execute(context)
