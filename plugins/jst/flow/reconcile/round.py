"""Reconciliation: what the source counts and what the warehouse has are compared, and what differs is read again.

Comparing carries nothing; what differs becomes a plan, and enters like everything else.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import clickhouse_driver

from jst.clock import Clock
from jst.control.incidents import Incidents
from jst.control.reconcile_state import ReconcileState
from jst.control.troubles import Troubles
from jst.erp.client import Client
from jst.errors import JstError, Retry, Where
from jst.flow.reading.versions_at_source import SourceVersions, versions_in_window
from jst.flow.reconcile.along_cursor import AlongCursor
from jst.flow.reconcile.reread import ORIGIN, Rereader, Tally
from jst.flow.reconcile.verdict import WindowCount, grid, outdated, quarters, random_part
from jst.model.module import Module
from jst.model.window import Window
from jst.model.words import RECONCILE_DAG
from jst.warehouse import window_compare

log = logging.getLogger(__name__)
KIND = "difference"
SHORT_OF_LIVE = timedelta(seconds=30)
"""What live has read later than that may still come in with its overlap: not worth a request."""
PAGES_AS_A_SET = 8
REQUESTS_PER_ROUND = {"gateway": 600, "openapi": 100}
"""A seventh and a fifth of what the source grants in the five minutes between two rounds."""
CELL = {"gateway": timedelta(minutes=1), "openapi": timedelta(minutes=5)}
"""A change that commits late moves its record within a window where totals cannot see it, unless a bound lies between
its old place and its new one: windows are small, and their bounds elsewhere each round."""
WAREHOUSES_A_CELL = 4
"""With more warehouses windows are longer: each of them is asked for its total."""
AGED, ROUND = timedelta(minutes=61), timedelta(minutes=6)
AGED_PAGES = {"gateway": 250, "openapi": 20}
"""Of what has become an hour old between two rounds: at most a twentieth of what the source grants."""
LOST_PER_ROUND = 200
TROUBLED_SECONDS = 10.0
"""Trouble of the module's feed that lasts for so long is not asked about a second time."""
ROUNDS_TO_REPORT = 3
KEYS_TO_NAME = 30


class Reconcile:
    """Reconciles one module, in one round."""

    def __init__(
        self, module: Module, client: Client, rereader: Rereader, warehouse: clickhouse_driver.Client,
        state: ReconcileState, incidents: Incidents, troubles: Troubles, clock: Clock, rng: random.Random | None = None,
    ) -> None:  # fmt: skip
        self._module, self._client, self._rereader, self._warehouse = module, client, rereader, warehouse
        self._state, self._incidents, self._clock, self._rng = (state, incidents, clock, rng or random.Random())
        self._troubles = troubles
        self._endpoint, self._tally = module.endpoint(client.dialect), rereader.tally
        self._bear = rereader.unanswered.bear

    def run(self) -> Tally:
        """Compare, read again what differs, report what lasts. Raises what the client, Kafka, ClickHouse or the control
        database raise, unless the module's feed says itself that it cannot go on; a single question that was not
        answered is raised in the end. The next round finishes one that was broken off."""
        known = self._troubles.standing(self._module.name)
        if known is None or known.seconds < TROUBLED_SECONDS:
            try:
                return self._run()
            except JstError:
                if (known := self._troubles.standing(self._module.name)) is None:
                    raise
        log.warning("实时流已经报告“%s”：这一轮不比较，恢复后下一轮自动再比", known.what)
        return self._tally

    def _run(self) -> Tally:
        if not self._rereader.is_comparable():
            log.info("%s 正在改换口径：新口径装完之前不比较", self._module.title)
            return self._tally
        self._rereader.finish_unproven()
        self._rereader.reread_keys([lost.key for lost in self._state.lost()][:LOST_PER_ROUND])
        if self._endpoint.counts:
            self._compare_windows()
        else:
            AlongCursor(self._client, self._rereader, self._warehouse, self._state).compare()
        self._report_what_lasts()
        tally = self._tally
        log.info(
            "对账 %s：比较 %d 个窗口（%d 个有单据正在移动）和 %d 个主键，差异 %d 处，修复 %d 单，请求 %d 次",
            self._module.name, tally.windows, tally.moving, tally.keys, tally.differences, tally.healed, tally.requests,
        )  # fmt: skip
        self._rereader.unanswered.raise_first()
        return tally

    def _compare_windows(self) -> None:
        loaded, floor = self._state.loaded(), self._state.floor()
        if loaded is None or floor is None:
            log.info("%s 还没有开始读取，没有可比的窗口", self._module.name)
            return
        many = -(-len(self._rereader.asked()) // WAREHOUSES_A_CELL)
        cell, end = CELL[self._client.dialect] * many, loaded - SHORT_OF_LIVE
        shift = timedelta(seconds=self._rng.randrange(int(cell.total_seconds())))
        counts = self._count(grid(end, floor, cell, shift))
        differing = self._narrow([each for each in counts if each.differs])
        self._rereader.reread_windows([(each.window, str(each)) for each in differing if each.verdict == "missing"])
        # what came too late may be what another window has too many of
        surplus = [each for each in differing if each.verdict == "surplus"]
        self._rereader.reread_windows(
            [(each.window, str(each)) for each in surplus if each.total < self._counts_in_warehouse([each.window])[0]]
        )
        self._compare_random_set(counts)
        self._compare_aged(max(end - AGED - ROUND, floor), max(end - AGED, floor))

    def _count(self, windows: Sequence[Window]) -> list[WindowCount]:
        """Request each total from the source between two counts of the warehouse, the second when the live feed has
        passed the last answer."""
        if not windows:
            return []
        before, letters = self._counts_in_warehouse(windows), self._state.letters(windows)
        totals, asked = dict[Window, int](), self._clock.now()
        for window in windows:
            with self._bear():
                totals[window], asked = self._total(window)
        past = self._rereader.live_is_past(asked)
        after = self._counts_in_warehouse(windows, sure=True) if past else [None] * len(windows)
        counts = [
            WindowCount(window, totals[window], first, second, unread)
            for window, first, second, unread in zip(windows, before, after, letters, strict=True)
            if window in totals
        ]
        self._tally.windows += len(counts)
        self._tally.moving += sum(each.verdict == "moving" for each in counts)
        return counts

    def _total(self, window: Window) -> tuple[int, datetime]:
        """Return what the source counts in the window, and when it was asked."""
        total = 0
        for branch in self._rereader.asked():
            page = self._client.page(self._module, window, 1, origin=ORIGIN, branch=branch)
            self._tally.requests += 1
            if page.total is None:
                raise Retry(
                    "应答没有 total，没有可比的数",
                    do="联系源端恢复 total；下一轮自动再比",
                    where=Where(self._module.name, window=str(window), request_id=page.request_id),
                    server="聚水潭",
                )
            total += page.total
        return total, page.server_time or self._clock.now()

    def _counts_in_warehouse(self, windows: Sequence[Window], *, sure: bool = False) -> list[int]:
        """Return how many rows of each window the warehouse has and the source may have too; ``sure``: must have."""
        left_out = {lost.key for lost in self._state.lost()} | (self._state.unread_keys() if sure else set())
        return window_compare.count(self._warehouse, self._module, windows, left_out)

    def _narrow(self, differing: list[WindowCount]) -> list[WindowCount]:
        """Return the smallest windows that differ, oldest first, as far as the round's requests reach."""
        small = list[WindowCount]()
        while differing:
            small += [each for each in differing if self._pages(each) <= PAGES_AS_A_SET or not each.window.seconds]
            large = [each for each in differing if each not in small]
            differing = [each for each in self._count(self._affordable_parts(large)) if each.differs]
        left, chosen = REQUESTS_PER_ROUND[self._client.dialect] - self._tally.requests, list[WindowCount]()
        for each in sorted(small, key=lambda each: each.window.start):
            left -= self._pages(each) + 1
            if left >= 0 or not chosen:
                chosen.append(each)
        self._tally.differences += len(small)
        self._log_left_over(len(small) - len(chosen))
        return chosen

    def _affordable_parts(self, large: Sequence[WindowCount]) -> list[Window]:
        parts = [part for each in sorted(large, key=lambda each: each.window.start) for part in quarters(each.window)]
        left = max(4, REQUESTS_PER_ROUND[self._client.dialect] // 2 - self._tally.requests)
        self._log_left_over(len(parts[left:]))
        return parts[:left]

    def _log_left_over(self, windows: int) -> None:
        if windows:
            log.warning("%s 本轮的请求用完了，还有 %d 个有差异的窗口，下一轮继续", self._module.name, windows)

    def _pages(self, counted: WindowCount) -> int:
        return -(-max(counted.total, counted.before) // self._endpoint.page_size)

    def _compare_random_set(self, counts: Sequence[WindowCount]) -> None:
        """Compare one random part of the windows, row by row: a late commit in and a row out leave totals equal."""
        filled = [each for each in counts if each.total and not each.letters]
        if not filled:
            return
        chosen = self._rng.choice(filled)
        window = random_part(self._rng, chosen.window, chosen.total, PAGES_AS_A_SET * self._endpoint.page_size)
        with self._bear():
            self._compare_set(window, 4 * PAGES_AS_A_SET)

    def _compare_aged(self, start: datetime, end: datetime) -> None:
        """Compare row by row what has become an hour old since the last round: all that commits up to an hour late is
        there by then, also what no total shows."""
        most = AGED_PAGES[self._client.dialect]
        with self._bear():
            if start < end and not self._compare_set(Window(start, end), most):
                log.info("%s 一小时前的 6 分钟超过 %d 页，不逐单比较，由夜里的核对补上", self._module.name, most)

    def _compare_set(self, window: Window, most_pages: int) -> bool:
        """Compare a window row by row; False when it has more pages than that."""
        seen = versions_in_window(self._module, self._client, window, most_pages, ORIGIN, self._rereader.asked())
        if seen is None:
            return False
        late, gone = self._differing(seen, window)
        if late or gone:
            self._tally.differences += 1
            found = f"缺 {len(late)} 单，多 {len(gone)} 单"
            self._rereader.reread_windows([(window, f"逐单比较 {window} 的 {len(seen.rows)} 单，{found}")])
        return True

    def _differing(self, seen: SourceVersions, window: Window) -> tuple[set[str], set[str]]:
        """Return the keys the warehouse has not, or has older; and those it has and the source has not, which only a
        proven reading can show, once the live feed has passed it."""
        self._add_to_tally(seen)
        past = seen.proven and self._rereader.live_is_past(seen.server_time or self._clock.now())
        held = window_compare.held(self._warehouse, self._module, window) if past else {}
        known = window_compare.versions_of(self._warehouse, self._module, seen.rows.keys())
        lost = {each.key for each in self._state.lost()}
        return outdated(seen.rows, known), held.keys() - seen.rows.keys() - lost - self._state.unread_keys()

    def _add_to_tally(self, seen: SourceVersions) -> None:
        self._tally.keys += len(seen.rows)
        self._tally.requests += seen.requests

    def _report_what_lasts(self) -> None:
        """Keep one incident open per module while a difference lasts."""
        lost = [each.key for each in self._state.lost() if each.rounds >= ROUNDS_TO_REPORT]
        stuck = self._state.stuck_windows(RECONCILE_DAG, ROUNDS_TO_REPORT)
        if not lost and not stuck:
            self._incidents.close(KIND, self._module.name, ORIGIN)
            return
        parts = [f"{len(lost)} 单仓库里有、源端却没有：{_named(lost)}"] if lost else []
        parts += [f"{len(stuck)} 个窗口读了多次仍不能证明完整：{_named(stuck)}"] if stuck else []
        what = f"{self._module.title} {self._module.name} 的差异没有自愈：{'；'.join(parts)}"
        do = "在聚水潭里按单号核对：源端删除了单据时，宽表里的旧数据要人工确认；其他情况把单号和日志交给聚水潭"
        log.error("%s。处理：%s", what, do)
        self._incidents.open(KIND, self._module.name, ORIGIN, what, do, {"keys": lost, "windows": stuck})


def _named(things: Collection[str]) -> str:
    names = sorted(things)
    rest = len(names) - KEYS_TO_NAME
    return "、".join(names[:KEYS_TO_NAME]) + (f"……还有 {rest} 个" if rest > 0 else "")
