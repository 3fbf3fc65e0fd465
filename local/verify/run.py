"""One whole comparison: freeze if asked, wait, compare, tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing

from local.verify.addresses import Addresses
from local.verify.comparison import Promise, compare
from local.verify.control import Control
from local.verify.findings import Findings
from local.verify.known import Known, known
from local.verify.labels import stale_labels
from local.verify.problem import CannotCompare
from local.verify.streams import Source, Warehouse
from local.verify.subject import Subject
from local.verify.subjects import subjects
from local.verify.waiting import Patience, first_load_left, until_caught_up, until_first_loaded, until_loaded

_TELL_EVERY = 5.0
Say = Callable[[str], None]


class Verification:
    """The three parties of a comparison; ``say`` gets each line for the person who waits."""

    def __init__(self, addresses: Addresses, say: Say) -> None:
        self._open, self._say, self._addresses = ExitStack(), say, addresses
        self.source = self._open.enter_context(closing(Source(addresses.erp)))
        self.warehouse = self._open.enter_context(closing(Warehouse(addresses)))
        self.control = self._open.enter_context(closing(Control(addresses.control)))

    def close(self) -> None:
        self._open.close()

    def run(self, *, freeze: bool, wait: float) -> list[Findings]:
        """Return findings per table. Raises CannotCompare: the shop lives, a feed does not catch up, a party is
        away."""
        frozen_at, patience = self._still(freeze), Patience(wait, self._say)
        plan = subjects(Known(stock=self.control.stock()))
        live = {subject.module: subject.rows for subject in plan if subject.reading == "live"}
        self._say(f"源端已冻结；等待 {'、'.join(live)} 的 read watermark 通过最新变更（最多 {wait:.0f} 秒）")
        newest = {module: max(self.source.newest(rows), frozen_at) for module, rows in live.items()}
        until_caught_up(self.control, newest, patience)
        self._first_load([subject.module for subject in plan], patience if freeze else None)
        while self._stale(plan) and not patience.spent("标签重写"):
            pass
        return [self._compare(subject, patience) for subject in self._subjects()]

    def compare(self, module: str) -> Findings:
        """One table, as it is now."""
        (subject,) = (subject for subject in self._subjects() if subject.module == module)
        return self._compare(subject, Patience(0, self._say))

    def stale_labels(self) -> dict[str, dict[str, int]]:
        """Table → label column → rows whose label is not the dimension's; only what is not 0."""
        return self._stale(subjects(Known()))

    def without_rules(self) -> list[str]:
        """List modules that were read and that have no rules to compare them by."""
        return sorted(set(self.control.modules()) - {subject.module for subject in subjects(Known())})

    def _subjects(self) -> list[Subject]:
        return subjects(known(self.source, self.warehouse, self.control.stock()))

    def _stale(self, plan: list[Subject]) -> dict[str, dict[str, int]]:
        found = {subject.table: stale_labels(self.warehouse, subject) for subject in plan}
        return {table: counts for table, counts in found.items() if counts}

    def _first_load(self, modules: list[str], patience: Patience | None) -> None:
        if patience:
            until_first_loaded(self.control, modules, patience)
        for left in first_load_left(self.control, modules):
            self._say(f"{left}；早于实时流起点的记录现在不要求在表里")

    def _still(self, freeze: bool) -> str:
        """Late commits land when the shop is frozen, behind the watermark: only a reading after that can have them."""
        if freeze:
            return self.source.freeze()
        if not self.source.is_frozen():
            raise CannotCompare(
                "沙箱店铺还在营业，数据一直在变，比不出结果。请先冻结："
                f"curl -X POST {self._addresses.erp}/sandbox/freeze，或运行 make verify ARGS=--freeze"
            )
        return ""

    def _compare(self, subject: Subject, patience: Patience) -> Findings:
        promise = self._promise(subject, patience)
        truth, ours = self.source.truth(subject.rows), self.warehouse.records(subject)
        with closing(truth), closing(ours):
            return compare(subject, subject.completed(truth), ours, promise, self._progress())

    def _promise(self, subject: Subject, patience: Patience) -> Promise:
        letters = frozenset(self.control.trouble(subject.module).letters)
        if subject.reading == "list":
            return Promise(letters=letters)
        by_clock = subject.reading == "clock"
        # The read watermark of a refresh under way moves before its rows are in the table.
        standing = (
            until_loaded(self.control, subject.module, patience) if by_clock else self.control.standing(subject.module)
        )
        if not standing.start:
            raise CannotCompare(f"{subject.module} 还从未读取过（没有 start watermark），{subject.table} 无从比较")
        # What a clock refreshes is not asked for beyond its last refresh.
        return Promise(standing.start, standing.read if by_clock else "9999", letters)

    def _progress(self) -> Callable[[Findings], None]:
        began = told = time.monotonic()

        def tell(findings: Findings) -> None:
            nonlocal told
            if findings.records % 1000 == 0 and time.monotonic() - told > _TELL_EVERY:
                told = time.monotonic()
                self._say(f"  … {findings.table} 已比较 {findings.lines:,} 行（{told - began:.0f} 秒）")

        return tell
