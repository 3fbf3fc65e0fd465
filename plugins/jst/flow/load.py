"""Loading what lies in Kafka: exact offsets, raw text, cleaned rows, wide rows, then the batches are marked as
loaded."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Set
from contextlib import AbstractContextManager, contextmanager
from functools import reduce
from uuid import uuid4

from clickhouse_driver import Client

from jst.clock import Clock
from jst.control.holds import Holds
from jst.control.label_searches import LabelSearch
from jst.control.load_lock import VERSION_RULE, Fence, LoadLock
from jst.control.plans import ROWS_PER_LOAD, Plans, Waiting
from jst.flow.prefetch import Prefetch
from jst.flow.version_rule import adopt_version_rule
from jst.kafka.exact_reader import ExactReader, Expired, check_complete
from jst.kafka.record import RawRecord
from jst.model.mart_keys import Touched, merged
from jst.model.module import Module
from jst.model.plan import Offsets
from jst.model.words import STOCK_KIND_TITLES
from jst.warehouse.cluster import Warehouse, on_each_node, steady, translate_errors
from jst.warehouse.leftover_queries import kill_older, query_name
from jst.warehouse.mart_tables import feeds_marts, touched
from jst.warehouse.sql import has_statement
from jst.warehouse.widen_tables import (
    EVERY_KIND,
    clean,
    known_keys,
    label_dimensions,
    show_kind,
    stale,
    stale_lately,
    store_raw,
    widen,
)

log = logging.getLogger(__name__)
KEYS_PER_RELABEL = 5_000
WORTH_ASKING = 1_000
"""Records of a load from which on it costs less to ask which orders are new than to look for old lines of each."""


class Loader:
    """Loads one module. Every step may be repeated: only the last one, ``Plans.loaded``, says that it happened."""

    def __init__(
        self, module: Module, reader: ExactReader, warehouse: Warehouse,
        plans: Plans, feeds: Holds, lock: LoadLock, clock: Clock,
    ) -> None:  # fmt: skip
        self.module, self._reader, self._warehouse = module, reader, warehouse
        self._plans, self._feeds, self._lock, self._clock = plans, feeds, lock, clock
        self._prefetch = Prefetch(self._fetch)
        self._kinds, self._settled = EVERY_KIND, not module.warehouse_field

    def load_waiting(self) -> int:
        """Load the oldest batches that are pulled and not loaded, up to 20,000 records; returns how many records.

        Raises Expired when Kafka no longer has them (they are planned again then), Retry when Kafka, ClickHouse or the
        control database is away.
        """
        if not self._plans.waiting(self.module.name):  # mostly nothing waits, and that needs no lock
            if self._may_change_over():
                with self._translate_errors(), self._hold_lock():
                    pass
            return 0
        with self._translate_errors(), self._hold_lock() as fence, _no_collection():
            # Read under the lock: another loader may have loaded since what was waiting a moment ago.
            now, later = _now_and_later(self._plans.waiting(self.module.name, 2 * ROWS_PER_LOAD))
            return self._load(now, later, fence) if now else 0

    def _load(self, waiting: list[Waiting], later: list[Waiting], fence: Fence) -> int:
        started = self._clock.monotonic()
        records = self._read(waiting)
        batches = [(plan.plan_id, plan.attempt) for plan, _, _ in waiting]
        with self._prefetch.reading(later):
            lines = self._write(records, fence)
        fence.check()
        self._plans.loaded(self.module.name, batches)
        self._feeds.healthy(self.module.name)
        _report(self.module, waiting, len(records), lines, self._clock.monotonic() - started)
        return len(records)

    def _write(self, records: list[RawRecord], fence: Fence) -> int:
        store_raw(self._warehouse, self.module, records)
        known = self._known(records)
        keys = clean(self._warehouse, self.module, records, self._kinds, known)
        return self._widen(keys, fence, known)

    def replay(self, offsets: Offsets) -> int:
        """Load all records of these offsets once more, whatever plan brought them; returns rows written.

        Plans and watermarks stay as they are. Raises Expired when Kafka no longer has them, Retry as load_waiting does.
        """
        records = self._reader.read(self.module.topic, offsets, None)
        with self._translate_errors(), self._hold_lock() as fence:
            lines = self._write(records, fence)
            fence.check()
        return lines

    def relabel(self) -> int:
        """Widen the rows whose labels the dimensions have overtaken; returns how many rows were written. By day those
        are looked for whose SKU was read since the last search, at night, and where shops or rates changed, all."""
        rows = 0
        with self._translate_errors():
            dimensions = " ".join(sorted(on_each_node(self._warehouse, label_dimensions)))
            search = self._plans.labels.begin(self.module.name, dimensions)
            keys = sorted(set[str]().union(*on_each_node(self._warehouse, lambda node: self._stale(node, search))))
            for start in range(0, len(keys), KEYS_PER_RELABEL):
                with self._hold_lock() as fence:  # between two chunks the live load gets its turn
                    chunk = keys[start : start + KEYS_PER_RELABEL]
                    rows += self._widen(chunk, fence)
                    fence.check()
        self._plans.labels.done(search)
        log.info("%s：%d 单的标签已过时，重写 %d 行", self.module.name, len(keys), rows)
        return rows

    def _stale(self, node: Client, search: LabelSearch) -> list[str]:
        if search.whole or not has_statement(self.module.name, "stale_lately"):
            return stale(node, self.module)
        return stale_lately(node, self.module, search.since) if search.since else []

    def _known(self, records: list[RawRecord]) -> Set[str] | None:
        """Return which of the records' orders some node has already; None where it was not worth asking. A first load
        brings hardly any, and what an order had before need not be looked for where there was none."""
        if len(records) < WORTH_ASKING or not feeds_marts(self.module):
            return None
        keys = {record.key for record in records}
        return set[str]().union(*on_each_node(self._warehouse, lambda node: known_keys(node, self.module, keys)))

    def _widen(self, keys: list[str], fence: Fence, known: Set[str] | None = None) -> int:
        """Widen, and mark the days whose marts it changes, those the rows leave before they leave them. ``known``: the
        orders that were there before; None where all may have been."""
        if not feeds_marts(self.module):
            return widen(self._warehouse, self.module, keys, self._kinds, query_id=_query_id(fence))
        before = self._touched(keys if known is None else sorted(known))
        self._plans.marts.mark_before_load(self.module.name, before)
        lines = widen(self._warehouse, self.module, keys, known=known, query_id=_query_id(fence))
        fence.check()  # a loader that has lost the lock must not remove the marks of the one that holds it now
        self._plans.marts.mark_after_load(self.module.name, merged(before, self._touched(keys)))
        return lines

    def _touched(self, keys: list[str]) -> Touched:
        if not keys:
            return {}
        return reduce(merged, on_each_node(self._warehouse, lambda node: touched(node, self.module, keys)))

    def _read(self, waiting: list[Waiting]) -> list[RawRecord]:
        try:
            return self._prefetch.records(waiting)
        except Expired:
            self._plans.pull_again(self.module.name, [(plan.plan_id, plan.attempt) for plan, _, _ in waiting])
            raise

    def _fetch(self, waiting: list[Waiting]) -> list[RawRecord]:
        expected = {(plan.plan_id, plan.attempt): carried for plan, carried, _ in waiting}
        records = self._reader.read(self.module.topic, _union([offsets for _, _, offsets in waiting]), expected)
        check_complete(self.module.topic, records, expected)
        return records

    @contextmanager
    def _hold_lock(self) -> Iterator[Fence]:
        """Hold the module's load lock, once the queries a dead holder left running are killed. What is done counts only
        after the fence's ``check``."""
        with self._lock.hold(self.module.name) as fence, steady(self._warehouse):
            if not fence.clean:
                on_each_node(self._warehouse, lambda node: kill_older(node, self.module.name, fence.number))
            if self.module.warehouse_field:
                self._note_kinds(fence)
            if fence.version_rule < VERSION_RULE:
                adopt_version_rule(
                    self.module, self._warehouse, self._plans, self._clock, lambda keys: self._widen(keys, fence)
                )
                fence.versions_follow_the_rule()
            yield fence

    def _may_change_over(self) -> bool:
        return not self._settled and self._plans.stock_kinds.may_show_read(self.module.name)

    def _note_kinds(self, fence: Fence) -> None:
        """Take note of the kind of stock that is read, and of the one the wide table shows; let it change over once
        all of the new one is loaded. Killed before the last step, it is done again before anything is written."""
        kinds = self._plans.stock_kinds
        standing = kinds.standing()
        if not standing.settled and standing.read and kinds.may_show_read(self.module.name):
            show_kind(self._warehouse, standing.facts, query_id=_query_id(fence))
            fence.check()
            kinds.show_read()
            log.warning("库存宽表从现在起是%s", STOCK_KIND_TITLES[standing.read])
            standing = kinds.standing()
        self._settled, self._kinds = standing.settled, standing.facts

    def _translate_errors(self) -> AbstractContextManager[None]:
        """Raise ClickHouse's errors as ours, with what on-call can do."""
        return translate_errors(
            f" {self.module.name} 的装载",
            away="pull 照常进行，数据都在 Kafka 里，恢复后自动装载",
            refused="按错误信息检查磁盘、内存与 include/sql；数据都在 Kafka 里，修好后清除本任务即可",
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no garbage meanwhile: hundreds of thousands of records are made, none in a circle, and each look would
    walk all of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _query_id(fence: Fence) -> str:
    return query_name(fence.module, fence.number, uuid4().hex)


def _now_and_later(waiting: list[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Return what is loaded now, at most 20,000 records unless one plan has more, and what follows it."""
    records = 0
    for index, (_, carried, _) in enumerate(waiting):
        records += carried
        if index and records > ROWS_PER_LOAD:
            return waiting[:index], waiting[index:]
    return waiting, []


def _union(ranges: list[Offsets]) -> Offsets:
    """Return one range per partition; what lies between belongs to other batches and is left out by the reader."""
    union: Offsets = {}
    for offsets in ranges:
        for partition, (first, end) in offsets.items():
            known_first, known_end = union.get(partition, (first, end))
            union[partition] = (min(first, known_first), max(end, known_end))
    return union


def _report(module: Module, waiting: list[Waiting], records: int, lines: int, seconds: float) -> None:
    first, last = waiting[0][0], waiting[-1][0]
    log.info(
        "装载 %s：%d 个批次 %s … %s，%d 条记录 → 宽表 %d 行，%.2f 秒；数据已到 %s",
        module.name, len(waiting), first.plan_id, last.plan_id, records, lines, seconds, last.window,
    )  # fmt: skip
