"""Make a plan of replenishment once, saying how far it is, and look back at those that were made."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from jst.clock import SHANGHAI, Clock
from jst.control.replenishments import Replenishment, Replenishments
from jst.errors import JstError, Misconfigured
from jst.replenishment.experience import PromoDays
from jst.replenishment.gather import read_histories, read_states
from jst.replenishment.plan_form import read_params, sentence_of_params
from jst.replenishment.plan_lines import Sums, store_lines
from jst.replenishment.policy import plan
from jst.replenishment.terms import check_choices
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import INSERT_SETTINGS, statement

log = logging.getLogger(__name__)


class PlanMaker:
    """Makes the plan of a run. ``run_id``, ``by``, ``given``: which run, who started it in Airflow, and what was filled
    in there; a plan that was asked for on the board knows its person already."""

    def __init__(self, warehouse: Warehouse, records: Replenishments, promos: PromoDays, clock: Clock) -> None:
        self._warehouse, self._records, self._promos, self._clock = warehouse, records, promos, clock

    def check(self, run_id: str, by: str, given: Mapping[str, Any]) -> Replenishment:
        """Note the plan, and check what was filled in. Raises Misconfigured with a sentence."""
        record = self._records.of_run(run_id, by, given)
        with self._said_to(record):
            params = read_params(given)
            log.info("补货计划 %s，%s：%s", record.replenishment_id, record.asked_by, sentence_of_params(given))
            check_choices(params, read_states(self._warehouse))
        return record

    def make(self, run_id: str, by: str, given: Mapping[str, Any]) -> Sums:
        """Make the plan and store it; one that is made already stays as it is, however often its task is cleared."""
        record = self._records.of_run(run_id, by, given)
        if record.state == "done":
            log.info("补货计划 %s 已经做好，不再改变；要新的计划请重新触发", record.replenishment_id)
            return Sums(record.lines or 0, record.amount or Decimal(0))
        with self._said_to(record):
            params, now = read_params(given), self._clock.now()
            self._note(record, "正在读库存", 0.05)
            states = read_states(self._warehouse)
            self._note(record, "正在读销量", 0.2)
            today = now.astimezone(SHANGHAI).date()
            histories = read_histories(self._warehouse, today)
            self._note(record, "正在算需求与补货", 0.5)
            lines = plan(states, histories, params, self._promos, today)
            self._note(record, "正在写入计划", 0.9)
            sums = store_lines(self._warehouse, record.replenishment_id, lines, states, params, now)
        self._records.done(record.replenishment_id, sums.lines, sums.amount)
        log.info("补货计划 %s 完成：%s 行", record.replenishment_id, sums.lines)
        return sums

    def look_back(self) -> None:
        """Write what came of earlier plans until yesterday."""
        now = self._clock.now().astimezone(SHANGHAI)
        self._warehouse.execute(
            statement("replenishment/look_back"),
            {"today": now.date().isoformat(), "now": int(now.timestamp())},
            settings=INSERT_SETTINGS,
        )

    def _note(self, record: Replenishment, step: str, share: float) -> None:
        log.info("补货计划 %s：%s（%.0f%%）", record.replenishment_id, step, share * 100)
        self._records.note(record.replenishment_id, step, share)

    @contextmanager
    def _said_to(self, record: Replenishment) -> Iterator[None]:
        """Let the person before the board read why it does not go on. What no repetition can cure ends the plan."""
        try:
            yield
        except Misconfigured as wrong:
            self._records.fail(record.replenishment_id, wrong.what)
            raise
        except JstError as trouble:
            self._records.note(record.replenishment_id, trouble.what)
            raise
