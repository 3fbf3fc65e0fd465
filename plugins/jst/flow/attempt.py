"""One reading of one plan: what its pages bring goes to Kafka at once, and in the end it has a receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import datetime, timedelta

from jst.clock import Clock
from jst.control.cursor_marks import TAIL_SECONDS
from jst.erp.client import Client, Page
from jst.errors import BadRecord, Misconfigured, Retry, Where
from jst.flow.reading.by_cursor import settled_ts
from jst.flow.reading.by_window import PageView, Reading
from jst.flow.reading.recently_sent import RecentlySent
from jst.flow.reading.records import Record, read_row, ts_of
from jst.flow.reading.source_clock import SourceClock
from jst.kafka.letter import TOO_LARGE_FOR_KAFKA, Letter, oversize_letter, record_letter
from jst.kafka.producer import Batch, Oversize, ranges
from jst.kafka.record import RecordOrigin
from jst.model.module import Module
from jst.model.plan import Offsets, Plan, Receipt
from jst.model.scrub import mask_phones_in_id
from jst.model.words import Origin

REDRIVE: Origin = "redrive"
LETTERS_TO_STOP = 20
TAIL = timedelta(seconds=TAIL_SECONDS + 1)  # modified is cut to the second


class Readability:
    """Counts the records of one module that could be read and those that could not, over all plans of a process."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.good = self._bad = 0

    def count_bad(self, bad: BadRecord) -> None:
        """Raise Misconfigured when most records cannot be read, or carried: the feed stops instead of diverting them
        all."""
        self._bad += 1
        if self._bad >= LETTERS_TO_STOP and self._bad > self.good:
            spec = f"include/config/modules/{self._module.name}.yaml"
            oversize = bad.reason == TOO_LARGE_FOR_KAFKA
            raise Misconfigured(
                f"{self._module.title} {self._module.name} 的记录大多{'装不进 Kafka' if oversize else '无法解析'}"
                f"（{self._bad} 条坏，{self.good} 条好），停止拉取而不是全部改道；最近一条：{bad.what}",
                do="调大这个上限；之后清除本任务" if oversize else f"对照源端应答检查 {spec}；修正后清除本任务",
                where=bad.where,
            )


class Attempt:
    """Takes in what the pages of one plan bring, from the first request to the receipt.

    ``again``: every record is carried, also those sent a moment ago. ``sent_before``: what earlier plans of this
    process have brought to Kafka. ``carried``: the records that lie in Kafka once they are acknowledged; ``letters``
    keeps those that cannot be read, or carried.
    """

    def __init__(
        self, module: Module, client: Client, plan: Plan, number: int, batch: Batch, *, again: bool,
        sent_before: RecentlySent, readability: Readability, source_clock: SourceClock, clock: Clock,
    ) -> None:  # fmt: skip
        self.plan, self.number, self.again = plan, number, again
        self.carried: list[Record] = []
        self.letters: dict[bytes, Letter] = {}
        self.requests = self._rows = 0
        self._module, self._dialect, self._path = module, client.dialect, module.endpoint(client.dialect).path
        self._row_versions = module.endpoint(client.dialect).row_versions
        self._batch, self._sent_before, self._readability = batch, sent_before, readability
        self._source_clock, self._clock, self._started_at = source_clock, clock, clock.now()
        self._sent: list[tuple[Record, RecordOrigin]] = []
        self._last: dict[str, bytes] = {}
        self._unknown: Counter[str] = Counter()
        self._left_empty: dict[str, tuple[int, str]] = {}
        self._stamps: list[tuple[int, datetime, datetime]] = []
        self._cutoff: datetime | None = None

    def require_total(self, page: Page) -> Page:
        """Return the page; raise Retry when it states no total, where nothing else can prove that no row is missing."""
        if page.total is None:
            raise Retry(
                "应答没有 total，无法证明没有漏行",
                do="联系源端恢复 total；计划保留，会自动重试",
                where=self._where(page),
                server="聚水潭",
            )
        return page

    def accept(self, index: int, page: Page) -> PageView:
        """Send what is new on the page to Kafka; returns what the proof needs to know of it.

        Raises Retry when the window is not closed by the source's clock, Misconfigured when most records cannot be
        read.
        """
        plan, known = self.plan, len(self._stamps)
        self.requests += 1
        self._rows += len(page.rows)
        self._check_closed(page)
        origin = RecordOrigin(
            plan.plan_id, self.number, plan.subject, index, page.ticket, self._dialect, self._clock.now()
        )
        keys = tuple(self._accept_row(row, origin, page) for row in page.rows)
        highest = max((ts for row in page.rows if (ts := ts_of(row)) is not None), default=None)
        # a row that claims to be of the future says nothing of what follows it: the feed would stop before it for ever
        beyond = any(plan.window.end < modified <= cutoff + TAIL for _, modified, cutoff in self._stamps[known:])
        return PageView(keys, page.total, page.has_next, highest, beyond)

    def acknowledge(self) -> Offsets:
        """Wait until Kafka has every record; returns where they lie. One that Kafka does not take is a letter, and the
        others are carried. Raises what ``Batch.flush`` raises."""
        places, oversize = self._batch.flush(), self._batch.oversize
        self.carried = [record for number, (record, _) in enumerate(self._sent) if number not in oversize]
        for number, found in oversize.items():
            record, origin = self._sent[number]
            bad = self._too_large(record, origin, found)
            self._readability.good -= 1
            self._accept_bad(bad, oversize_letter(self._module, record.key, bad, origin))
        return ranges(places)

    def _too_large(self, record: Record, origin: RecordOrigin, found: Oversize) -> BadRecord:
        return BadRecord(
            f"主键 {mask_phones_in_id(record.key)[:64]} 的记录有 {found.size:,} 字节，Kafka 收不下：超过 {found.limit}",
            reason=TOO_LARGE_FOR_KAFKA,
            do="调大这个上限（topic 的 max.message.bytes 和 Kafka 连接的 message.max.bytes 都要够大），"
            "然后手动运行 jst_dead_letters：动作选“重投”，取消试运行",
            where=Where(self._module.name, self._path, origin.window, origin.page, ticket=origin.ticket),
        )

    def receipt(self, reading: Reading, offsets: Offsets) -> Receipt:
        """Sum up the attempt, once its records lie in Kafka at ``offsets``."""
        return Receipt(
            plan_id=self.plan.plan_id,
            attempt=self.number,
            started_at=self._started_at,
            requests=self.requests,
            rows=self._rows,
            keys=len(reading.keys),
            carried=len(self.carried),
            letters=len(self.letters),
            total_first=reading.totals[0] if reading.totals else None,
            total_last=reading.totals[-1] if reading.totals else None,
            proof=reading.proof,
            reason=reading.reason,
            cursor=reading.cursor,
            settled=settled_ts(self._stamps),
            more=reading.more,
            unknown=dict(self._unknown),
            left_empty=self._left_empty,
            offsets=offsets,
            unread=frozenset(self.letters),
            answered=self._answered_keys(reading) if self.plan.redrives and self.plan.keys else None,
        )

    def _answered_keys(self, reading: Reading) -> frozenset[str]:
        """Return the keys the source knows, readable or not."""
        readable = {key for key in reading.keys if isinstance(key, str)}
        return frozenset(readable | {letter.key for letter in self.letters.values()})

    def _check_closed(self, page: Page) -> None:
        """Raise Retry when the window's last second is still open by the source's clock, which may step back."""
        plan, settle = self.plan, timedelta(seconds=self._module.settle_seconds)
        source_time = self._source_clock.note_server_time(page.server_time)
        if self._cutoff is None or not self._module.per_warehouse:
            # of several warehouses the first page's: a row of the first may commit while the others are read
            self._cutoff = source_time - TAIL
        in_time = not plan.keys and not self._module.listed
        if in_time and plan.window.end > source_time - settle:
            raise Retry(
                "窗口终点晚于源端时钟，窗口还没有关闭",
                do="计划保留，稍后自动重试；若反复出现，检查源端时钟与本机 NTP",
                where=self._where(page),
                server="聚水潭",
                after=settle.total_seconds(),
            )

    def _where(self, page: Page) -> Where:
        plan = self.plan
        return Where(plan.module, self._path, plan.subject, page.index, page.request_id, page.ticket)

    def _accept_row(self, row: object, origin: RecordOrigin, page: Page) -> Hashable:
        try:
            record = read_row(self._module, row, self.plan.window.end, row_versions=self._row_versions)
        except BadRecord as bad:
            bad.at(window=self.plan.subject, page=page.index, request_id=page.request_id)
            return self._accept_bad(bad, record_letter(self._module, row, bad, origin))
        self._unknown.update(record.unknown)
        for name in record.left_empty:
            rows, key = self._left_empty.get(name, (0, mask_phones_in_id(record.key)[:64]))
            self._left_empty[name] = rows + 1, key
        if record.ts is not None and self._cutoff:
            self._stamps.append((record.ts, record.modified, self._cutoff))
        self._readability.good += 1
        last = self._last.get(record.key) or (None if self.again else self._sent_before.digest(record.key))
        if record.digest != last:  # not: was sent once; a state may return
            self._batch.send(record.key, record.body, origin.headers)
            self._sent.append((record, origin))
        self._last[record.key] = record.digest
        return record.key

    def _accept_bad(self, bad: BadRecord, letter: Letter) -> bytes:
        known = letter.identity in self.letters or (not self.again and self._sent_before.has_letter(letter))
        if not known:
            self.letters[letter.identity] = letter
            if self.plan.origin != REDRIVE:  # what is read again is expected to be bad
                self._readability.count_bad(bad)
        return letter.identity
