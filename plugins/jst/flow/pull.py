"""Pulling one plan: read it, carry what is new to Kafka, write the receipt. The same for every origin."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from jst.clock import Clock
from jst.control.cursor_marks import TAIL_SECONDS
from jst.control.letter_index import LetterEntry, LetterIndex
from jst.control.plans import Plans
from jst.erp.client import Client, Page
from jst.errors import Misconfigured, Refused, Retry
from jst.flow.attempt import REDRIVE, Attempt, Readability
from jst.flow.reading.by_cursor import most_pages, read_cursor
from jst.flow.reading.by_key import ByKey
from jst.flow.reading.by_list import read_list
from jst.flow.reading.by_warehouse import pages_each, read_warehouses
from jst.flow.reading.by_window import PageView, Reading, TooLarge, read_window
from jst.flow.reading.recently_sent import RecentlySent
from jst.flow.reading.source_clock import SourceClock
from jst.flow.warehouses import Warehouses
from jst.kafka.letter import Letter, page_letter
from jst.kafka.producer import CountingProducer, Position
from jst.kafka.record import LETTERS
from jst.model.module import Module
from jst.model.plan import Plan, Receipt
from jst.model.window import Window

log = logging.getLogger(__name__)
READINGS = 3
OPEN_SECONDS_PAGES = 6
CALM_OPEN_SECONDS_EVERY_SECONDS = 20.0
REFUSED_SECONDS = 60.0
"""How long a later page is asked for that is refused: to begin its plan anew would cost all pages before it."""


class Puller:
    """Pulls plans of one module with one client and one producer; remembers between plans what it has sent to Kafka."""

    def __init__(
        self,
        module: Module,
        client: Client,
        producer: CountingProducer,
        plans: Plans,
        letters: LetterIndex,
        clock: Clock,
    ) -> None:
        self.module = module = client.as_read(module)
        self.client, self._producer = client, producer
        self._plans, self._letters, self._clock = plans, letters, clock
        self._endpoint = module.endpoint(client.dialect)
        self.source_clock = SourceClock(module, client, clock)
        self.warehouses = Warehouses(module, client, plans.stock_kinds, clock)
        self.by_key = ByKey(module, client, plans.key_refusals, clock, self.warehouses.asked)
        self._recently_sent, self._readability = RecentlySent(), Readability(module)
        self._logged_fields = set[str]()
        self._open_seconds_read_at = 0.0

    def pull(self, plan: Plan, *, again: bool = False) -> Receipt | None:
        """Pull one plan to its receipt. None: it was too large or would not settle, and has been cut in two; or it asks
        by key a source that answers windows only, and is no more.

        ``again``: carry everything, as someone asked for it to be redone; re-drive always does. Raises what the client
        raises for a plan that cannot be read now (it stays planned) and Misconfigured when most records cannot be read.
        """
        attempt = self._start(plan, again=again or plan.origin == REDRIVE)
        try:
            reading = self._read(attempt)
        except TooLarge as large:
            self._cut(plan, str(large), large.rows)
            return None
        if reading is None:
            self._plans.key_refusals.withdraw(plan)
            log.info("%s 的源端不按主键回答，%s 撤回", self.module.title, plan)
            return None
        if not reading.proof and not reading.failed and plan.by_window and plan.window.halves():
            self._cut(plan, reading.reason, reading.totals[-1])
            return None
        if plan.origin == "live" and not attempt.again:
            self._read_open_seconds(attempt)
        return self._close(attempt, reading)

    def _start(self, plan: Plan, *, again: bool) -> Attempt:
        if plan.attempt:
            self._recently_sent = RecentlySent()  # pulled before and lost: what was sent is not in Kafka any more
        number = self._plans.start_attempt(plan)
        return Attempt(
            self.module, self.client, plan, number, self._producer.batch(self.module.topic), again=again,
            sent_before=self._recently_sent, readability=self._readability,
            source_clock=self.source_clock, clock=self._clock,
        )  # fmt: skip

    def _read_open_seconds(self, attempt: Attempt) -> None:
        """Also read the seconds that are not closed yet, along the cursor every 20 s. What has just changed is shown
        two seconds earlier, and a record that changes faster than a window settles, such as the stock of a bestseller,
        always moves on before its second is closed and is in no window; along the cursor the same happens to one that
        changes faster than a calm look is late. It proves nothing: the plans to come read these seconds again
        (decision 0025)."""
        plan, end = attempt.plan, attempt.plan.window.end
        if not plan.by_window:
            end = self.source_clock.closed_end()
            if plan.window.end > end - timedelta(seconds=TAIL_SECONDS):
                return  # it read to the present
            if self._clock.monotonic() - self._open_seconds_read_at < CALM_OPEN_SECONDS_EVERY_SECONDS:
                return
            self._open_seconds_read_at = self._clock.monotonic()
        # beyond the present: nothing may escape forward
        open_seconds = Window(end + timedelta(seconds=1), end + timedelta(minutes=1))
        try:
            for branch in self.warehouses.asked():
                for index in range(1, OPEN_SECONDS_PAGES + 1):
                    page = self.client.page(self.module, open_seconds, index, origin=plan.origin, branch=branch)
                    if not attempt.accept(index, page).has_next:
                        break
        except Retry as trouble:
            log.info("未关闭的几秒没有读到，下个计划再读：%s", trouble.what)

    def _cut(self, plan: Plan, why: str, rows: int) -> None:
        self._plans.split(plan, rows)
        log.info("%s 一次读不完（%s），对半拆开", plan, why)

    def _read(self, attempt: Attempt) -> Reading | None:
        """Read in the plan's own way; whatever a page brings is on its way to Kafka at once. None: the source does not
        answer by key."""
        plan, client, module, origin = attempt.plan, self.client, self.module, attempt.plan.origin

        def view(index: int, request: Callable[[], Page]) -> PageView:
            return attempt.accept(index, self._answered(attempt, request))

        if plan.keys:
            return self.by_key.read(
                plan.keys,
                lambda keys: self._answered(attempt, lambda: client.keys(module, keys, origin=origin)),
                lambda page: attempt.accept(1, page), origin,
            )  # fmt: skip
        if module.listed:
            return read_list(lambda index: view(index, lambda: client.listing(module, index, origin=origin)))
        asked = self.warehouses.asked(plan, origin)
        most = pages_each(most_pages(plan, again=attempt.again), len(asked))

        def along_cursor(branch: int) -> Reading:
            return read_cursor(
                lambda ts: view(1, lambda: client.since(module, ts, origin=origin, branch=branch)),
                plan.cursor or 0, self._endpoint.page_size, until=plan.until, most_pages=most,
            )  # fmt: skip

        def in_window(branch: int) -> Reading:
            def counted(index: int) -> PageView:
                request = partial(client.page, module, plan.window, index, origin=origin, branch=branch)
                return attempt.accept(index, attempt.require_total(self._answered(attempt, request)))

            return self._read_until_proven(counted, most)

        if plan.cursor is not None:
            return read_warehouses(asked, along_cursor, by_page=False)
        return read_warehouses(asked, in_window, by_page=True)

    def _answered(self, attempt: Attempt, request: Callable[[], Page]) -> Page:
        """Return what ``request`` brings; a plan's later page that is refused is asked for again for a minute."""
        give_up = self._clock.monotonic() + REFUSED_SECONDS
        while True:
            try:
                return request()
            except Refused as refusal:
                if not attempt.requests or self._clock.monotonic() + refusal.after > give_up:
                    raise
                self._clock.sleep(refusal.after)

    def _read_until_proven(self, fetch: Callable[[int], PageView], most_pages: int | None) -> Reading:
        """Read the window until proven, three times at most."""
        for _ in range(READINGS):
            reading = read_window(fetch, self._endpoint.page_size, most_pages=most_pages)
            if reading.proof or reading.failed:
                break
        return reading

    def _close(self, attempt: Attempt, reading: Reading) -> Receipt:
        """Write the effect first: records acknowledged, letters acknowledged and indexed, then the receipt and the
        watermark."""
        plan, module = attempt.plan, self.module
        offsets = attempt.acknowledge()
        for (branch, index), failure in reading.failed.items():
            letter = page_letter(module, plan, attempt.number, index, failure, self._clock.now(), branch)
            attempt.letters[letter.identity] = letter
        self._post_letters(attempt)
        receipt = attempt.receipt(reading, offsets)
        self._plans.pulled(plan, receipt)
        self._recently_sent.add(attempt.carried, list(attempt.letters.values()), plan.window)
        _log_receipt(module, plan, receipt)
        self._log_fields_lost(receipt)
        return receipt

    def _post_letters(self, attempt: Attempt) -> None:
        """Send the letters to Kafka and index them; those that hold the plan open already are not written again."""
        plan = attempt.plan
        known = self._letters.unsettled(plan.original) if attempt.letters else set[bytes]()
        letters = [letter for identity, letter in attempt.letters.items() if identity not in known]
        self._letters.add(
            [
                LetterEntry(LETTERS, partition, offset, self.module.name, plan.original, attempt.number, letter.page,
                            letter.key, letter.reason, letter.cause, letter.identity)
                for letter, (partition, offset) in self._posted(plan, letters)
            ]
        )  # fmt: skip

    def _posted(self, plan: Plan, letters: Sequence[Letter], *, short: bool = False) -> list[tuple[Letter, Position]]:
        """Send the letters; returns where each lies. One that is too large itself is sent without its text."""
        batch = self._producer.batch(LETTERS)
        for letter in letters:
            batch.send(plan.plan_id, letter.body, letter.headers)
        places, oversize = batch.flush(), batch.oversize
        if short and oversize:
            found = next(iter(oversize.values()))
            raise Misconfigured(
                f"Kafka 连不带正文的死信（{found.size:,} 字节）也收不下：超过 {found.limit}",
                do="把这个上限调回默认值（约 1 MB），然后清除本任务",
            )
        posted = zip((letter for number, letter in enumerate(letters) if number not in oversize), places, strict=True)
        rest = [letters[number].without_text() for number in oversize]
        return [*posted, *(self._posted(plan, rest, short=True) if rest else ())]

    def _log_fields_lost(self, receipt: Receipt) -> None:
        """Log once per field: a new one comes with every row, and would drown what on-call reads."""
        if fresh := receipt.unknown.keys() - self._logged_fields:
            log.warning("%s 的应答里有未登记字段，已丢弃并计数：%s", self.module.name, "、".join(sorted(fresh)))
        for name in sorted(receipt.left_empty.keys() - self._logged_fields):
            example = receipt.left_empty[name][1]
            log.warning("%s 的字段 %s 有读不懂或过大的值（如 %s），留空并计数", self.module.name, name, example)
        self._logged_fields |= fresh | receipt.left_empty.keys()


def _log_receipt(module: Module, plan: Plan, receipt: Receipt) -> None:
    counted = "" if receipt.total_first is None else f"总数 {receipt.total_first}→{receipt.total_last}，"
    log.info(
        "拉取 %s %s：%d 次请求，%d 行，%s新记录 %d 条%s，%s",
        module.name, plan.subject, receipt.requests, receipt.rows, counted, receipt.carried,
        f"，死信 {receipt.letters} 条" if receipt.letters else "",
        f"完整性已证明（{receipt.proof}）" if receipt.proof else f"未证明：{receipt.reason}",
    )  # fmt: skip
    if receipt.letters:
        log.warning("%s 有 %d 条死信，见 Kafka topic %s；窗口在重投成功前保持 open", plan, receipt.letters, LETTERS)
