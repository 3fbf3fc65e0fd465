"""Comparing a business day with what its slices brought, as sets, until nothing differs or nothing helps."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import clickhouse_driver

from jst.clock import Clock
from jst.control.certificate_log import CertificateLog, Outcome
from jst.control.plans import Plans
from jst.errors import Refused
from jst.flow.backfill.business_day import JUST_NOW, Slice, ends
from jst.flow.backfill.slice_pull import ORIGIN, PATIENCE_SECONDS, plans_of, read_since, unread, write_down
from jst.flow.load import Loader
from jst.flow.plan_worker import PlanWorker
from jst.model.certificate import Certificate
from jst.model.module import Module
from jst.model.plan import Plan
from jst.model.window import LONGEST_WINDOW, Window, floor_second
from jst.warehouse.day_compare import Batch, DayPart, compare, kept
from jst.warehouse.window_compare import surplus

log = logging.getLogger(__name__)
COMPARE_ROUNDS = 3
BY_KEY, SINCE_THE_DAY = "按主键", "次日起"
CHANGING_SECONDS = 120.0
_NAMED = 10


@dataclass(frozen=True, slots=True)
class SourceDay:
    """A slice as it was read: its plans with their outcomes, and why it is not proven, empty if it is."""

    part: Slice
    plans: list[tuple[Plan, Outcome]]
    gap: str

    @property
    def batches(self) -> list[Batch]:
        return [(plan.plan_id, it.attempt, self.part.label) for plan, it in self.plans if it.state != "planned"]

    def surplus(self, client: clickhouse_driver.Client, module: Module, asked: Sequence[Batch]) -> list[str]:
        """Keys the warehouse has in the slice's window beyond what was brought; none where that cannot be said: the
        slice is not proven, or was read by key."""
        window = self.part.window
        if self.gap or window is None:
            return []
        read = Window(window.start, max(plan.window.end for plan, _ in self.plans), window.field)
        return surplus(client, module, read, [(plan_id, attempt) for plan_id, attempt, _ in (*self.batches, *asked)])


class DayCheck:
    """Checks one module of one day, in one run."""

    def __init__(
        self, module: Module, day: date, parts: Sequence[Slice], plans: Plans, certificates: CertificateLog,
        warehouse: clickhouse_driver.Client, loader: Loader, worker: PlanWorker, clock: Clock, dag_id: str, run_id: str,
    ) -> None:  # fmt: skip
        self._module, self._day, self._parts = module, day, parts
        self._plans, self._certificates, self._warehouse = plans, certificates, warehouse
        self._loader, self._worker, self._clock = loader, worker, clock
        self._dag_id, self._run_id = dag_id, run_id
        self._by_key_batches: list[Batch] = []

    def run(self) -> Certificate:
        """Load what waits, compare, request by key (or by window) whatever differs, three times at most; then sum the
        day up in a certificate. Raises Refused while stock changes over to another kind."""
        self._load()
        self._require_one_kind()
        tried: set[str] = set()
        for _ in range(COMPARE_ROUNDS):
            reads, parts, extra = self._compare()
            suspects = _suspects(parts, extra) - tried
            if not suspects:
                break
            self._read_again(suspects, parts, extra)
            tried |= suspects
        else:
            reads, parts, extra = self._compare()
        return self._certificate(reads, parts, extra)

    def _load(self) -> None:
        while self._loader.load_waiting():
            pass

    def _require_one_kind(self) -> None:
        if self._module.warehouse_field and not self._plans.stock_kinds.standing().settled:
            raise Refused(
                "库存正在改换口径：新口径全部装完之前，宽表还是原来的口径，不能核对",
                do="不必人工：改换完成后自己继续；进度看 make status 或账本",
                after=CHANGING_SECONDS,
            )

    def _compare(self) -> tuple[list[SourceDay], list[DayPart], dict[str, list[str]]]:
        """Return the slices, how the tables compare with what they brought, and by slice what only the tables have."""
        reads = [self._read(part) for part in self._parts]
        batches = [*(batch for read in reads for batch in read.batches), *self._by_key_batches]
        parts = compare(self._warehouse, self._module, self._day, batches)
        lettered = self._certificates.keys_with_letters(self._module.name)  # their newer state waits as a letter
        extra = {
            read.part.label: [key for key in found if key not in lettered]
            for read in reads
            if (found := read.surplus(self._warehouse, self._module, self._by_key_batches))
        }
        return reads, parts, {label: keys for label, keys in extra.items() if keys}

    def _read(self, part: Slice) -> SourceDay:
        plans, since = self._plans_of(part), read_since(self._module, self._plans)
        if any(plan.since < since for plan in plans):
            return SourceDay(part, [], "这个切片读完之后库存改换了口径，请清除它和本任务，按新口径再核对")
        outcomes = self._certificates.outcomes([plan.plan_id for plan in plans])
        pairs = [(plan, outcomes[plan.plan_id]) for plan in plans]
        return SourceDay(part, pairs, _gap(pairs) or self._expired(part, pairs))

    def _plans_of(self, part: Slice) -> list[Plan]:
        return plans_of(part, self._plans, self._dag_id, part.run_id(self._run_id))

    def _expired(self, part: Slice, pairs: Sequence[tuple[Plan, Outcome]]) -> str:
        still = kept(self._warehouse, self._module, [(plan.plan_id, it.attempt, part.label) for plan, it in pairs])
        gone = sum(it.carried > still.get(plan.plan_id, 0) for plan, it in pairs)
        where = f"ods.{self._module.name}（只留 7 天）"
        return f"{gone} 个计划的原始记录已不在 {where}，请清除这个切片重新拉取" if gone else ""

    def _read_again(self, suspects: set[str], parts: Sequence[DayPart], extra: dict[str, list[str]]) -> None:
        """Request the suspects by key; read again the slices with those that cannot be requested so."""
        by_key = self._worker.puller.by_key
        asked = {key for key in suspects if by_key.understands(key)} if by_key.answers() else set[str]()
        if asked:
            self._read_by_key(sorted(asked))
        if not by_key.answers():  # which this reading may have shown
            asked = set()
        rest = suspects - asked
        labels = {part.slice for part in parts if rest.intersection(part.missing, part.different)}
        surplus = {label for label, keys in extra.items() if rest.intersection(keys)}
        if rest:
            self._read_by_window(labels | surplus, beyond=bool(surplus))

    def _read_by_window(self, labels: set[str], *, beyond: bool) -> None:
        """Read these slices again and load the answers; ``beyond``: also what was changed since the day, where a record
        that has left its slice may be."""
        name, began, now = self._module.name, self._certificates.now(), floor_second(self._clock.now())
        log.info("%s %s：%s 有主键不一致，按窗口再读一遍", self._day, name, "、".join(sorted(labels)))
        run_id = f"{self._run_id} · {SINCE_THE_DAY}"
        since = Window(min(ends(self._day), now - JUST_NOW), now - JUST_NOW)
        if beyond and since.end - since.start <= LONGEST_WINDOW:
            self._plans.add(name, ORIGIN, self._dag_id, run_id, since, since.start)

        def later() -> list[Plan]:
            return self._plans.of_run(name, self._dag_id, run_id)

        def left() -> list[Plan]:
            parts = [part for part in self._parts if part.label in labels]
            known = [plan for part in parts for plan in self._plans_of(part) if not plan.keys]
            return unread([*known, *later()], self._certificates, began)

        self._worker.pull_all(left, patience_seconds=PATIENCE_SECONDS)
        outcomes = self._certificates.outcomes([plan.plan_id for plan in later()])
        self._by_key_batches += [(plan_id, it.attempt, BY_KEY) for plan_id, it in outcomes.items()]
        self._load()

    def _read_by_key(self, keys: Sequence[str]) -> None:
        """Request these keys from the source and load the answers."""
        name, began = self._module.name, self._certificates.now()
        log.info("%s %s：%d 个主键不一致，按主键再问源端", self._day, name, len(keys))
        run_id = f"{self._run_id} · {BY_KEY}"
        plans = write_down(self._plans, name, self._dag_id, run_id, keys, floor_second(self._clock.now()))
        self._worker.pull_all(lambda: unread(plans, self._certificates, began), patience_seconds=PATIENCE_SECONDS)
        outcomes = self._certificates.outcomes([plan.plan_id for plan in plans])
        self._by_key_batches += [(plan_id, it.attempt, BY_KEY) for plan_id, it in outcomes.items()]
        self._load()

    def _certificate(self, reads: list[SourceDay], parts: list[DayPart], extra: dict[str, list[str]]) -> Certificate:
        source = sum((part.source_amount for part in parts), Decimal(0))
        ours = sum((part.our_amount for part in parts), Decimal(0))
        reasons = [f"{read.part.label}：{read.gap}" for read in reads if read.gap]
        asked = "按主键问" if self._worker.puller.by_key.answers() else "源端不按主键回答，窗口再读一遍"
        for part in parts:
            reasons += _reason(part.slice, "缺失", part.missing) + _reason(part.slice, "版本不同", part.different)
        for label, keys in extra.items():
            reasons += _reason(label, f"多出（{asked}，源端没有或仍不在此窗口）", keys)
        if source != ours:
            reasons.append(f"金额不一致：源端 {source:,}，我方 {ours:,}")
        outcomes = [it for read in reads for _, it in read.plans]
        return Certificate(
            day=self._day,
            module=self._module.name,
            rows=sum(it.carried for it in outcomes),
            keys=sum(part.keys for part in parts if part.slice != BY_KEY),
            source_amount=source,
            our_amount=ours,
            missing=sum(len(part.missing) for part in parts),
            surplus=len({key for keys in extra.values() for key in keys}),
            different=sum(len(part.different) for part in parts),
            moved=sum(part.moved for part in parts),
            exceptions=self._certificates.parked([it.plan_id for it in outcomes]),
            reasons=tuple(reasons),
        )


def _suspects(parts: Iterable[DayPart], extra: dict[str, list[str]]) -> set[str]:
    found = {key for part in parts for key in (*part.missing, *part.different)}
    return found | {key for keys in extra.values() for key in keys}


def _gap(pairs: Sequence[tuple[Plan, Outcome]]) -> str:
    """Return why a slice is not proven, the first three plans by name."""
    if not pairs:
        return "没有拉取过"
    words = {"planned": "没有拉取", "pulled": "已拉取，没有装载"}
    open_ones = [
        f"{plan.subject} {words.get(it.state) or it.reason or it.state}"
        for plan, it in pairs
        if it.state not in ("proven", "excepted")
    ]
    more = f" 等 {len(open_ones)} 段" if len(open_ones) > 3 else ""
    return "；".join(open_ones[:3]) + more


def _reason(label: str, what: str, keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    return [f"{label}：{what} {len(keys)} 条（{'、'.join(keys[:_NAMED])}{' …' if len(keys) > _NAMED else ''}）"]
