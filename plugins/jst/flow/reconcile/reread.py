"""Reading again what differs: the part of reconciliation that sends records to Kafka."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import clickhouse_driver

from jst.clock import Clock
from jst.control.plans import Plans
from jst.control.reconcile_state import ReconcileState
from jst.flow.load import Loader
from jst.flow.pull import Puller
from jst.flow.reconcile.by_place import look_in_place
from jst.flow.reconcile.unanswered import Unanswered
from jst.model.module import Module
from jst.model.plan import Plan, Receipt
from jst.model.window import Window, floor_second
from jst.model.words import RECONCILE_DAG, Origin
from jst.warehouse import window_compare

log = logging.getLogger(__name__)
ORIGIN: Origin = "reconcile"
KEYS_PER_PLAN = 1_000
SETTLED = timedelta(minutes=1)
"""What the source shows is surely before its present."""


@dataclass(slots=True)
class Tally:
    """What one round did. ``moving``: windows from which rows left while they were compared; ``keys``: compared one by
    one; ``differences``: windows and keys that differed; ``healed``: records that came or were brought up to date."""

    windows: int = 0
    moving: int = 0
    keys: int = 0
    differences: int = 0
    healed: int = 0
    requests: int = 0


class Rereader:
    """Re-reads what differs, for one module in one run. ``patience``: seconds it waits for the live feed to pass a
    moment."""

    def __init__(
        self, puller: Puller, loader: Loader, warehouse: clickhouse_driver.Client, plans: Plans, state: ReconcileState,
        clock: Clock, run_id: str, *, patience: float = 60.0,
    ) -> None:  # fmt: skip
        self.module: Module = puller.module
        self._puller, self._loader, self._warehouse = puller, loader, warehouse
        self._plans, self._state, self._clock, self._run_id = plans, state, clock, run_id
        self._patience = patience
        self._failed = set[str]()
        self.tally, self.unanswered = Tally(), Unanswered()

    def is_comparable(self) -> bool:
        """Say whether the warehouse has nothing but what is read: not while stock changes over to another kind."""
        return not self.module.warehouse_field or self._plans.stock_kinds.standing().settled

    def asked(self) -> Sequence[int]:
        """Return the warehouses the module is asked for. Raises what the client raises."""
        return self._puller.warehouses.asked(origin=ORIGIN)

    def finish_unproven(self) -> None:
        """Read again what an earlier round left unproven. Keys it wanted that the source does not answer are looked for
        where the warehouse has them: no plan remembers them any more."""
        plans = self._plans.unproven(self.module.name, RECONCILE_DAG)
        pulled = {receipt.plan_id for receipt in self._pull(plans)} | self._failed
        if withdrawn := {key for plan in plans if plan.plan_id not in pulled for key in plan.keys}:
            self.reread_keys(withdrawn)

    def reread_windows(self, windows: Sequence[tuple[Window, str]]) -> None:
        """Read these windows again, each with the reason, as sets; request by key what the warehouse has in them beyond
        that."""
        if not windows:
            return
        held, failed = [self._pairs(window) for window, _ in windows], len(self._failed)
        receipts = self._pull([self._reopen(window, reason) for window, reason in windows])
        self.live_is_past(self._clock.now())
        if receipts and all(receipt.proof for receipt in receipts) and len(self._failed) == failed:
            batches = [(receipt.plan_id, receipt.attempt) for receipt in receipts]
            found = {
                key
                for window, _ in windows
                for key in window_compare.surplus(self._warehouse, self.module, window, batches)
            }
            self.tally.healed += self.reread_keys(found - self._not_requested(), gone=True)
        self.tally.healed += sum(
            len(self._pairs(window) - before) for (window, _), before in zip(windows, held, strict=True)
        )

    def _pairs(self, window: Window) -> set[tuple[str, int]]:
        """Return (key, modified) of the rows in the warehouse: rows only leave a closed window, so whatever comes in
        had been missing."""
        return set(window_compare.held(self._warehouse, self.module, window).items())

    def _reopen(self, window: Window, reason: str) -> Plan:
        plan = self._plans.add(self.module.name, ORIGIN, RECONCILE_DAG, self._run_id, window, window.start)
        self._state.reopen(plan, f"对账：{reason}")
        log.warning("%s 对账：%s，重新读取", self.module.name, reason)
        return plan

    def _not_requested(self) -> set[str]:
        """Return the keys whose answer is known already."""
        return self._state.unread_keys() | {lost.key for lost in self._state.lost()}

    def reread_keys(self, keys: Collection[str], *, gone: bool = False) -> int:
        """Request these keys; returns how many the source gave. What it does not give is noted as lost; so is what
        cannot be requested by key and is not where the warehouse has it (``gone``: that is known)."""
        given, left = self._request(keys)
        if left and gone:
            self._state.note_lost(left, self._state.unread_keys())
        elif left:
            with self.unanswered.bear():
                places = window_compare.places_of(self._warehouse, self.module, left)
                looked, found = look_in_place(self.module, self._puller.client, places, ORIGIN)
                no_more = left - places.keys()
                self._state.note_lost(looked | no_more, found | no_more | self._state.unread_keys())
        return len(given)

    def reread_late(self, keys: Collection[str], stretch: tuple[int, int]) -> int:
        """Bring these records, which the source shows along the cursor within ``stretch``; returns how many came."""
        given, left = self._request(keys)
        if left:
            end, (start, until) = floor_second(self._clock.now()) - SETTLED, stretch
            plan = self._plans.add(
                self.module.name, ORIGIN, RECONCILE_DAG, self._run_id, Window(end, end), end, cursor=start, until=until
            )
            given |= left & self._brought(self._pull([plan]))
        return len(given)

    def _request(self, keys: Collection[str]) -> tuple[set[str], set[str]]:
        """Request these keys; returns which the source gave, and which could not be requested by key. A question that
        failed is asked again in the next round."""
        given, asked, requestable = set[str](), set[str](), self._requestable(keys)
        for start in range(0, len(requestable), KEYS_PER_PLAN):
            chunk, now = tuple(requestable[start : start + KEYS_PER_PLAN]), floor_second(self._clock.now())
            plan = self._plans.add(
                self.module.name, ORIGIN, RECONCILE_DAG, self._run_id, Window(now, now), now, keys=chunk
            )
            if receipts := self._pull([plan]):
                brought = self._brought(receipts)
                self._state.note_lost(chunk, brought | self._state.unread_keys())
                given, asked = given | brought, asked.union(chunk)
        return given, set(keys) - asked - set(self._requestable(keys))

    def _requestable(self, keys: Collection[str]) -> list[str]:
        by_key = self._puller.by_key
        return [key for key in sorted(keys) if by_key.understands(key)] if by_key.answers() else []

    def _brought(self, receipts: Sequence[Receipt]) -> set[str]:
        batches = [(receipt.plan_id, receipt.attempt) for receipt in receipts]
        return window_compare.brought(self._warehouse, self.module, batches) if batches else set()

    def _pull(self, plans: Sequence[Plan]) -> list[Receipt]:
        """Pull these plans, and the parts of those that are cut meanwhile, carrying every row; load what they brought.

        Nothing but this writes plans of this DAG and module: one round runs at a time.
        """
        receipts, waiting = dict[str, Receipt](), list(plans)
        while waiting:
            for plan in waiting:
                self._failed.add(plan.plan_id)
                with self.unanswered.bear():
                    if receipt := self._puller.pull(plan, again=True):
                        receipts[receipt.plan_id] = receipt
                        self.tally.requests += receipt.requests
                    self._failed.discard(plan.plan_id)
            unproven = self._plans.unproven(self.module.name, RECONCILE_DAG)
            waiting = [plan for plan in unproven if plan.state == "planned" and plan.plan_id not in self._failed]
        while self._loader.load_waiting():
            pass
        return list(receipts.values())

    def live_is_past(self, moment: datetime) -> bool:
        """Wait until whatever was changed at the source by then is in the warehouse; False when it takes too long, and
        then nothing is waited for again."""
        give_up = self._clock.monotonic() + self._patience
        while (loaded := self._state.loaded()) is None or loaded < moment:
            if self._clock.monotonic() >= give_up:
                if self._patience:
                    log.warning(
                        "%s 的实时流 %.0f 秒没有追上：这一轮只看缺少，不看多余", self.module.name, self._patience
                    )
                self._patience = 0.0
                return False
            self._clock.sleep(0.5)
        return True
