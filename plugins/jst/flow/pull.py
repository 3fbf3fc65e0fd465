"""Pulling one plan: read it, carry what is new to Kafka, write the receipt. The same for every origin."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jst.clock import Clock
from jst.control.letter_index import LetterEntry, LetterIndex
from jst.control.plans import Plans
from jst.control.watermarks import TAIL_SECONDS
from jst.erp.client import Client, Page
from jst.errors import BadRecord, Misconfigured, Refused, Retry, Where
from jst.flow.reading.by_cursor import most_pages, read_cursor, settled_ts
from jst.flow.reading.by_keys_or_list import read_keys, read_list
from jst.flow.reading.by_window import PageView, Reading, TooLarge, read_window
from jst.flow.reading.recently_sent import RecentlySent
from jst.flow.reading.records import Record, keep, ts_of
from jst.flow.reading.source_clock import SourceClock
from jst.kafka.letter import Letter, page_letter, record_letter
from jst.kafka.producer import Batch, CountingProducer, ranges
from jst.kafka.record import LETTERS, RecordOrigin
from jst.model.module import Module
from jst.model.plan import Offsets, Plan, Receipt
from jst.model.window import Window

log = logging.getLogger(__name__)
READINGS = 3
GLANCE_SECONDS, GLANCE_PAGES = 5.0, 6
CALM_GLANCE_SECONDS = 20.0
LETTERS_TO_STOP = 20
REDRIVE = "redrive"
REFUSED_SECONDS = 60.0
"""How long a later page is asked for that is refused: to begin its plan anew would cost all pages before it."""
TAIL = timedelta(seconds=TAIL_SECONDS + 1)  # modified is cut to the second


@dataclass(slots=True)
class _Attempt:
    plan: Plan
    number: int
    started_at: datetime
    batch: Batch
    sent: list[Record] = field(default_factory=list)
    seen: set[tuple[str, bytes]] = field(default_factory=set)
    letters: dict[bytes, Letter] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    stamps: list[tuple[int, datetime, datetime]] = field(default_factory=list)
    cutoff: datetime | None = None
    requests: int = 0
    rows: int = 0


class Puller:
    """Pulls plans of one module with one client and one producer; keeps what it carried in mind between plans."""

    def __init__(
        self,
        module: Module,
        client: Client,
        producer: CountingProducer,
        plans: Plans,
        letters: LetterIndex,
        clock: Clock,
    ) -> None:
        self.module, self._client, self._producer = module, client, producer
        self._plans, self._letters, self._clock = plans, letters, clock
        self._endpoint = module.endpoint(client.dialect)
        self.source_clock = SourceClock(module, client, clock)
        self._carried = RecentlySent()
        self._bad = self._good = 0
        self._told = set[str]()
        self._glanced = 0.0

    @property
    def client(self) -> Client:
        return self._client

    def pull(self, plan: Plan, *, again: bool = False) -> Receipt | None:
        """Pull one plan to its receipt. None: it was too large or would not settle, and has been cut in two.

        ``again``: carry everything, as someone asked for it to be redone; re-drive always does. Raises what the client
        raises for a plan that cannot be read now (it stays planned) and Misconfigured when most records cannot be read.
        """
        again = again or plan.origin == REDRIVE
        if plan.attempt:
            self._carried = RecentlySent()  # it was pulled before and lost: what we carried is not in Kafka any more
        attempt = _Attempt(plan, self._plans.begin(plan), self._clock.now(), self._producer.batch(self.module.topic))
        try:
            reading = self._read(attempt, again)
        except TooLarge as large:
            self._cut(plan, str(large), large.rows)
            return None
        if not reading.proof and not reading.failed and plan.by_window and plan.window.halves():
            self._cut(plan, reading.reason, reading.totals[-1])
            return None
        if plan.origin == "live" and not again:
            self._glance(attempt)
        return self._close(attempt, reading)

    def _glance(self, attempt: _Attempt) -> None:
        """Carry now and then what has changed in the last seconds. A record that changes faster than a window settles,
        such as the stock of a bestseller, always moves on before its second is closed and is in no window; along the
        cursor the same happens to one that changes faster than a calm look is late. It proves nothing: the plans to
        come read these seconds again."""
        plan, closed = attempt.plan, self.source_clock.closed_end()
        if plan.cursor is not None and plan.window.end > closed - timedelta(seconds=TAIL_SECONDS):
            return  # it read to the present
        if self._clock.monotonic() - self._glanced < (GLANCE_SECONDS if plan.by_window else CALM_GLANCE_SECONDS):
            return
        self._glanced = self._clock.monotonic()
        end = plan.window.end if plan.by_window else closed
        # beyond the present: nothing may escape forward
        open_seconds = Window(end + timedelta(seconds=1), end + timedelta(minutes=1))
        try:
            for index in range(1, GLANCE_PAGES + 1):
                page = self._client.page(self.module, open_seconds, index, origin=attempt.plan.origin)
                if not self._view(attempt, index, page, False, False).has_next:
                    return
        except Retry as trouble:
            log.info("未关闭的几秒没有读到，下个计划再读：%s", trouble.what)

    def _cut(self, plan: Plan, why: str, rows: int) -> None:
        self._plans.split(plan, rows)
        log.info("%s 一次读不完（%s），对半拆开", plan, why)

    def _read(self, attempt: _Attempt, again: bool) -> Reading:
        """In the plan's own way; whatever a page brings is on its way to Kafka at once."""
        plan, client, module, origin = attempt.plan, self._client, self.module, attempt.plan.origin
        size = self._endpoint.page_size

        def view(index: int, ask: Callable[[], Page], *, counted: bool = False) -> PageView:
            return self._view(attempt, index, self._answered(attempt, ask), again, counted)

        if plan.keys:
            most = self._endpoint.keys_per_request
            return read_keys(lambda keys: view(1, lambda: client.keys(module, keys, origin=origin)), plan.keys, most)
        if module.listed:
            return read_list(lambda index: view(index, lambda: client.listing(module, index, origin=origin)))
        if plan.cursor is not None:
            return read_cursor(
                lambda ts: view(1, lambda: client.since(module, ts, origin=origin)),
                plan.cursor, size, until=plan.until, most_pages=most_pages(plan, again=again),
            )  # fmt: skip
        return self._settled(
            lambda index: view(index, lambda: client.page(module, plan.window, index, origin=origin), counted=True),
            most_pages(plan, again=again),
        )

    def _answered(self, attempt: _Attempt, ask: Callable[[], Page]) -> Page:
        """What ``ask`` brings; a plan's later page that is refused is asked for again for a minute."""
        give_up = self._clock.monotonic() + REFUSED_SECONDS
        while True:
            try:
                return ask()
            except Refused as refusal:
                if not attempt.requests or self._clock.monotonic() + refusal.after > give_up:
                    raise
                self._clock.sleep(refusal.after)

    def _settled(self, fetch: Callable[[int], PageView], most_pages: int | None) -> Reading:
        """Read until proven, three times at most."""
        for _ in range(READINGS):
            reading = read_window(fetch, self._endpoint.page_size, most_pages=most_pages)
            if reading.proof or reading.failed:
                break
        return reading

    def _view(self, attempt: _Attempt, index: int, page: Page, again: bool, counted: bool) -> PageView:
        """Take in a page; ``counted``: only its total can prove that nothing is missing."""
        plan, known = attempt.plan, len(attempt.stamps)
        if counted and page.total is None:
            raise Retry(
                "应答没有 total，无法证明没有漏行",
                do="联系源端恢复 total；计划保留，会自动重试",
                where=self._where(plan, page),
            )
        attempt.requests += 1
        attempt.rows += len(page.rows)
        self._check_closed(attempt, page)
        origin = RecordOrigin(
            plan.plan_id, attempt.number, plan.subject, index, page.ticket, self._client.dialect, self._clock.now()
        )
        keys = tuple(self._take(attempt, row, origin, page, again) for row in page.rows)
        highest = max((ts for row in page.rows if (ts := ts_of(row)) is not None), default=None)
        # a row that claims to be of the future says nothing of what follows it: the feed would stop before it for ever
        beyond = any(plan.window.end < modified <= cutoff + TAIL for _, modified, cutoff in attempt.stamps[known:])
        return PageView(keys, page.total, page.has_next, highest, beyond)

    def _check_closed(self, attempt: _Attempt, page: Page) -> None:
        """Raise Retry when the window's last second is still open by the source's clock, which may step back."""
        plan, settle = attempt.plan, timedelta(seconds=self.module.settle_seconds)
        believed = self.source_clock.note_server_time(page.server_time)
        attempt.cutoff = believed - TAIL
        in_time = not plan.keys and not self.module.listed
        if in_time and plan.window.end > believed - settle:
            raise Retry(
                "窗口终点晚于源端时钟，窗口还没有关闭",
                do="计划保留，稍后自动重试；若反复出现，检查源端时钟与本机 NTP",
                where=self._where(plan, page),
                after=settle.total_seconds(),
            )

    def _where(self, plan: Plan, page: Page) -> Where:
        return Where(plan.module, self._endpoint.path, plan.subject, page.index, page.request_id, page.ticket)

    def _take(self, attempt: _Attempt, row: object, origin: RecordOrigin, page: Page, again: bool) -> Hashable:
        try:
            record = keep(self.module, row, attempt.plan.window.end)
        except BadRecord as bad:
            bad.at(window=attempt.plan.subject, page=page.index, request_id=page.request_id)
            letter = record_letter(self.module, row, bad, origin)
            known = letter.identity in attempt.letters or (not again and self._carried.has_letter(letter))
            if not known:
                attempt.letters[letter.identity] = letter
                if attempt.plan.origin != REDRIVE:  # what is read again is expected to be bad
                    self._count_bad(bad)
            return letter.identity
        attempt.unknown.update(record.unknown)
        if record.tie is not None and attempt.cutoff:
            attempt.stamps.append((record.tie, record.modified, attempt.cutoff))
        self._good += 1
        content = (record.key, record.digest)
        if content not in attempt.seen and (again or not self._carried.has(record)):
            attempt.batch.send(record.key, record.body, origin.headers)
            attempt.sent.append(record)
        attempt.seen.add(content)
        return record.key

    def _count_bad(self, bad: BadRecord) -> None:
        self._bad += 1
        if self._bad >= LETTERS_TO_STOP and self._bad > self._good:
            raise Misconfigured(
                f"{self.module.title} {self.module.name} 的记录大多无法解析（{self._bad} 条坏，{self._good} 条好），"
                f"停止拉取而不是全部改道；最近一条：{bad.what}",
                do=f"对照源端应答检查 include/config/modules/{self.module.name}.yaml；修正后清除本任务",
                where=bad.where,
            )

    def _close(self, attempt: _Attempt, reading: Reading) -> Receipt:
        """Effect first: records acknowledged, letters acknowledged and indexed, then the receipt and the watermark."""
        plan, module = attempt.plan, self.module
        offsets = ranges(attempt.batch.flush())
        for index, failure in reading.failed.items():
            letter = page_letter(module, plan, attempt.number, index, failure, self._clock.now())
            attempt.letters[letter.identity] = letter
        self._post(plan, attempt)
        receipt = self._receipt(attempt, reading, offsets)
        self._plans.pulled(plan, receipt)
        self._carried.add(attempt.sent, list(attempt.letters.values()), plan.window)
        _report(module, plan, receipt)
        self._tell_unknown(receipt)
        return receipt

    def _tell_unknown(self, receipt: Receipt) -> None:
        """Once per field: a new one comes with every row, and would drown what on-call reads."""
        if fresh := set(receipt.unknown) - self._told:
            log.warning("%s 的应答里有未登记字段，已丢弃并计数：%s", self.module.name, "、".join(sorted(fresh)))
        self._told |= fresh

    def _post(self, plan: Plan, attempt: _Attempt) -> None:
        """Letters that hold the plan open already are not written again."""
        known = self._letters.unsettled(plan.original) if attempt.letters else set[bytes]()
        letters = [letter for identity, letter in attempt.letters.items() if identity not in known]
        batch = self._producer.batch(LETTERS)
        for letter in letters:
            batch.send(plan.plan_id, letter.body, letter.headers)
        self._letters.add(
            [
                LetterEntry(LETTERS, partition, offset, self.module.name, plan.original, attempt.number, letter.page,
                            letter.key, letter.reason, letter.cause, letter.identity)
                for letter, (partition, offset) in zip(letters, batch.flush(), strict=True)
            ]
        )  # fmt: skip

    def _receipt(self, attempt: _Attempt, reading: Reading, offsets: Offsets) -> Receipt:
        return Receipt(
            plan_id=attempt.plan.plan_id,
            attempt=attempt.number,
            started_at=attempt.started_at,
            requests=attempt.requests,
            rows=attempt.rows,
            keys=len(reading.keys),
            carried=len(attempt.sent),
            letters=len(attempt.letters),
            total_first=reading.totals[0] if reading.totals else None,
            total_last=reading.totals[-1] if reading.totals else None,
            proof=reading.proof,
            reason=reading.reason,
            cursor=reading.cursor,
            settled=settled_ts(attempt.stamps),
            more=reading.more,
            unknown=dict(attempt.unknown),
            offsets=offsets,
            unread=frozenset(attempt.letters),
            answered=_answered(attempt, reading) if attempt.plan.redrives and attempt.plan.keys else None,
        )


def _answered(attempt: _Attempt, reading: Reading) -> frozenset[str]:
    """The keys that were found, readable or not."""
    readable = {key for key in reading.keys if isinstance(key, str)}
    return frozenset(readable | {letter.key for letter in attempt.letters.values()})


def _report(module: Module, plan: Plan, receipt: Receipt) -> None:
    counted = "" if receipt.total_first is None else f"总数 {receipt.total_first}→{receipt.total_last}，"
    log.info(
        "拉取 %s %s：%d 次请求，%d 行，%s新记录 %d 条%s，%s",
        module.name, plan.subject, receipt.requests, receipt.rows, counted, receipt.carried,
        f"，死信 {receipt.letters} 条" if receipt.letters else "",
        f"完整性已证明（{receipt.proof}）" if receipt.proof else f"未证明：{receipt.reason}",
    )  # fmt: skip
    if receipt.letters:
        log.warning("%s 有 %d 条死信，见 Kafka topic %s；窗口在重投成功前保持 open", plan, receipt.letters, LETTERS)
