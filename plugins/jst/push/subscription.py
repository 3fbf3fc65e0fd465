"""Run a subscription of 瓴羊BI once an edition's day is certified, at most once a slot, and watch what comes of it."""

from __future__ import annotations

import logging
from uuid import uuid4

from jst.access.quick_bi import QuickBi
from jst.clock import Clock
from jst.control.subscription_runs import SubscriptionRuns
from jst.errors import Misconfigured, Retry, Unproven

log = logging.getLogger(__name__)
WATCHED_SECONDS, PAUSE_SECONDS = 600.0, 10.0
UNSEEN_SECONDS = 120.0
"""A run that we asked for and that is not listed after so long did not begin."""


class Subscription:
    """A subscription, by its number in the console."""

    def __init__(self, bi: QuickBi, runs: SubscriptionRuns, mail_id: str, clock: Clock) -> None:
        self._bi, self._runs, self._mail_id, self._clock = bi, runs, mail_id, clock

    def run(self, slot: str) -> int:
        """Run it for a slot and wait until it was sent; returns the number of the run. Raises Misconfigured when 瓴羊BI
        refused, Unproven when the run failed, or may or may not have begun."""
        by = uuid4()
        last = self._bi.last_mail(self._mail_id)
        ours, before = self._runs.claim(slot, self._mail_id, by, last.task_id if last else 0)
        if ours:
            try:
                self._bi.run_mail(self._mail_id)
                log.info("已请求瓴羊BI 运行订阅 %s（%s）", self._mail_id, slot)
            except Misconfigured:
                self._runs.release(slot, by)
                raise
            except Retry as error:  # the answer was lost: it may run, and whether it does is seen below
                log.warning("%s", error)
        else:
            log.info("%s 的订阅已经请求过，不再请求，只看结果", slot)
        return self._watch(before)

    def _watch(self, before: int) -> int:
        began = self._clock.monotonic()
        while self._clock.monotonic() - began < WATCHED_SECONDS:
            task = self._bi.last_mail(self._mail_id)
            if task is None or task.task_id <= before:
                if self._clock.monotonic() - began > UNSEEN_SECONDS:
                    raise Unproven(
                        f"瓴羊BI 的订阅 {self._mail_id} 请求过，但看不到它运行：可能已发送",
                        do="到瓴羊BI 的订阅管理看这一次有没有发出；没有时在那里点“立即运行”",
                    )
            elif task.status == "SENT":
                log.info("瓴羊BI 的订阅 %s 已发送（第 %d 次运行）", self._mail_id, task.task_id)
                return task.task_id
            elif task.status == "FAILED":
                raise Unproven(
                    f"瓴羊BI 的订阅 {self._mail_id} 运行失败（第 {task.task_id} 次）",
                    do="到瓴羊BI 的订阅管理看失败原因，改好后在那里点“立即运行”",
                )
            self._clock.sleep(PAUSE_SECONDS)
        raise Unproven(
            f"瓴羊BI 的订阅 {self._mail_id} 运行了 {WATCHED_SECONDS / 60:.0f} 分钟还没有结束",
            do="到瓴羊BI 的订阅管理看它；清除本任务只会再看一次，不会再发",
        )
