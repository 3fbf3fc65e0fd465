"""One whole comparison: freeze if asked, wait, compare, tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing

from local.verify import sale_out, sku
from local.verify.addresses import Addresses
from local.verify.comparison import Promise, compare
from local.verify.control import Control
from local.verify.fees import read_fees
from local.verify.findings import Findings
from local.verify.labels import stale_labels
from local.verify.problem import CannotCompare
from local.verify.streams import Source, Warehouse
from local.verify.subject import Subject
from local.verify.waiting import until_caught_up

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
        """Findings per table. Raises CannotCompare: the shop lives, the feed does not catch up, a party is away."""
        frozen_at = self._still(freeze)
        newest = max(self.source.newest("sale_out"), frozen_at)
        self._say(f"源端已冻结；等待 sale_out 的 read watermark 通过 {newest}（最多 {wait:.0f} 秒）")
        until_caught_up(self.control, "sale_out", newest, wait, self._say)
        return [self.sale_out(), self.sku()]

    def sale_out(self) -> Findings:
        styles = dict(self.warehouse.rows("SELECT sku_id, i_id FROM dim.dim_sku FINAL"))
        return self._compare(sale_out.subject(read_fees(), styles), until="9999")

    def sku(self) -> Findings:
        """The dimension is refreshed by the clock: what is newer than its read watermark is not asked for yet."""
        return self._compare(sku.SUBJECT, until=self.control.standing("sku").read)

    def stale_labels(self) -> dict[str, int]:
        return stale_labels(self.warehouse)

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

    def _compare(self, subject: Subject, until: str) -> Findings:
        standing = self.control.standing(subject.module)
        if not standing.start:
            raise CannotCompare(f"{subject.module} 还从未读取过（没有 start watermark），{subject.table} 无从比较")
        promise = Promise(standing.start, until, frozenset(self.control.trouble(subject.module).letters))
        truth, ours = self.source.truth(subject.module), self.warehouse.records(subject)
        with closing(truth), closing(ours):
            return compare(subject, truth, ours, promise, self._progress())

    def _progress(self) -> Callable[[Findings], None]:
        began = told = time.monotonic()

        def tell(findings: Findings) -> None:
            nonlocal told
            if findings.records % 1000 == 0 and time.monotonic() - told > _TELL_EVERY:
                told = time.monotonic()
                self._say(f"  … {findings.table} 已比较 {findings.lines:,} 行（{told - began:.0f} 秒）")

        return tell
