"""Reading again what became a dead letter, until it loads or is parked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from jst.control.incidents import Incidents
from jst.control.letter_redrive import Choice, HeldPlan, LetterRedrives, Patience
from jst.control.troubles import PATIENCE_SECONDS
from jst.errors import JstError
from jst.flow.attempt import REDRIVE
from jst.flow.load import Loader
from jst.flow.plan_worker import PlanWorker
from jst.flow.reading.by_key import ByKey
from jst.model.module import load_module
from jst.model.words import LETTER_TITLES

log = logging.getLogger(__name__)
PLANS_TO_LOG = LETTERS_TO_LOG = 50
PARKED = "letters_parked"


@dataclass(frozen=True, slots=True)
class Ways:
    """How this process asks for, pulls and loads a module. ``patience_seconds``: how long trouble of its source is
    borne."""

    by_key: Callable[[str], ByKey]
    worker: Callable[[str], PlanWorker]
    loader: Callable[[str], Loader]
    patience_seconds: float = PATIENCE_SECONDS


class Redrive:
    """Re-drives letters in one run. ``run_id`` stands in the plans it writes down; a killed run's plans are taken up by
    the next."""

    def __init__(self, redrives: LetterRedrives, incidents: Incidents, ways: Ways, dag_id: str, run_id: str) -> None:
        self._redrives, self._incidents, self._ways = redrives, incidents, ways
        self._dag_id, self._run_id = dag_id, run_id

    def run(self, choice: Choice, patience: Patience, *, at_once: bool = False) -> dict[str, int]:
        """Read the letters of ``choice`` again whose turn it is (``at_once``: all of them), load them, park what has
        failed too often; returns how many are left open and parked.

        Every module has its turn before the first trouble is raised.
        """
        plans = self._redrives.held_plans(choice, None if at_once else patience)
        troubles = list[JstError]()
        for module in sorted({held.module for held in plans} | set(self._redrives.due())):
            try:
                self._redrive_module(module, [held for held in plans if held.module == module])
            except JstError as trouble:
                log.error("%s 的死信这次没有重投完：%s", module, trouble)
                troubles.append(trouble)
        self._redrives.settle()
        if parked := self._redrives.park(Choice(parked=False), patience.tries):
            log.warning(
                "%d 条死信重投 %d 次仍失败，已搁置；窗口记为例外 excepted，完整水位越过它们", parked, patience.tries
            )
        self._report_parked()
        counts = self.show(replace(choice, parked=True))
        if troubles:
            raise troubles[0]
        return counts

    def park(self, choice: Choice) -> dict[str, int]:
        """Park the open letters of the choice."""
        log.info("搁置了 %d 条死信", self._redrives.park(choice))
        self._report_parked()
        return self.show(choice)

    def preview(self, choice: Choice) -> None:
        """Log what reading the letters of the choice again would do; changes nothing."""
        plans = self._redrives.held_plans(choice)
        for held in plans[:PLANS_TO_LOG]:
            log.info("将重投 %s", self._description(held))
        if len(plans) > PLANS_TO_LOG:
            log.info("… 另有 %d 个计划", len(plans) - PLANS_TO_LOG)
        log.info("试运行：%d 个计划会重读；没有改动任何东西。取消勾选 dry_run 才会执行", len(plans))

    def list(self, choice: Choice) -> dict[str, int]:
        """Log which letters there are, the newest first; changes nothing."""
        for each in self._redrives.newest(choice, LETTERS_TO_LOG):
            log.info(
                "死信 %s 主键 %s，计划 %s 第 %d 页，%s，已试 %d 次，产生于 %s：%s",
                each.module, each.key or "无", each.plan_id, each.page, LETTER_TITLES[each.state], each.tries,
                f"{each.made_at:%F %T}", each.cause,
            )  # fmt: skip
        return self.show(choice)

    def show(self, choice: Choice) -> dict[str, int]:
        """Log how many letters there are of each reason; returns how many are open and parked."""
        counts = self._redrives.counts(choice)
        for count in counts:
            log.info("死信 %s %s：%s %d 条", count.module, count.reason, LETTER_TITLES[count.state], count.letters)
        totals: dict[str, int] = {}
        for state in LETTER_TITLES:
            totals[state] = sum(count.letters for count in counts if count.state == state)
        log.info("死信合计：%s", "，".join(f"{title} {totals[state]} 条" for state, title in LETTER_TITLES.items()))
        return totals

    def _report_parked(self) -> None:
        """Keep one incident open per module that has parked letters."""
        parked: dict[str, dict[str, int]] = {}
        for count in self._redrives.counts(Choice()):
            if count.state == "parked":
                parked.setdefault(count.module, {})[count.reason] = count.letters
        for incident in self._incidents.standing():
            if incident.kind == PARKED and incident.module not in parked:
                self._incidents.close(PARKED, incident.module, "")
        for module, reasons in parked.items():
            letters = f"{load_module(module).title} {module} 有 {sum(reasons.values())} 条死信"
            self._incidents.open(
                PARKED, module, "", f"{letters}已搁置，它们的窗口是例外 excepted",
                "修好源端记录或模块文件后，手动运行 jst_dead_letters：动作选“重投”，取消试运行", {"reasons": reasons},
            )  # fmt: skip

    def _redrive_module(self, module: str, plans: Sequence[HeldPlan]) -> None:
        for held in plans:
            self._redrives.plan_redrive(held, self._keys(held), self._dag_id, self._run_id)
            log.info("重投 %s", self._description(held))
        done = 0

        def log_one_done() -> None:
            nonlocal done
            done += 1
            log.info("%s：第 %d 个重投计划已读完", module, done)

        self._ways.worker(module).work_off(REDRIVE, log_one_done, patience_seconds=self._ways.patience_seconds)
        loader = self._ways.loader(module)
        while loader.load_waiting():
            pass

    def _keys(self, held: HeldPlan) -> Sequence[str]:
        """Return the keys to request: cheaper, and tried once only. Where it did not help, all that the plan read is
        read again."""
        if load_module(held.module).listed or held.tries or not held.whole:
            return ()
        by_key = self._ways.by_key(held.module)
        return held.keys if all(_is_requestable(key, by_key) for key in held.keys) and by_key.answers() else ()

    def _description(self, held: HeldPlan) -> str:
        keys = self._keys(held)
        reasons = "，".join(f"{reason} {count} 条" for reason, count in held.reasons.items())
        how = f"按主键重读 {len(keys)} 个" if keys else "整个重读"
        parked = f"，其中已搁置 {held.parked} 条" if held.parked else ""
        return f"计划 {held.plan_id} {held.subject}：{reasons}{parked}，已试 {held.tries} 次 → {how}"


def _is_requestable(key: str, by_key: ByKey) -> bool:
    """Return whether it is surely a key the source knows: what a garbled record shows may be anything."""
    own = by_key.own(key)
    return by_key.understands(key) and own.isascii() and own.replace("-", "").replace("_", "").isalnum()
