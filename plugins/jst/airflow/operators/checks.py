"""The operator of ``jst_checks``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections
from jst.errors import Retry, Unproven
from jst.model.check_facts import KINDS, load_checks

if TYPE_CHECKING:
    from airflow.sdk import Context


log = logging.getLogger(__name__)


class RunChecksOperator(BaseOperator):
    """Look at every check that is due, at all of them when a person started the run; red while a bad one stands, but
    not for a server of which the feeds say themselves that it does not answer."""

    def execute(self, context: Context) -> None:
        by_hand = context["dag_run"].run_type == "manual"
        with parts_from_connections() as parts:
            try:
                standing = parts.check_round().run(load_checks(), whether_due_or_not=by_hand)
            except Retry as trouble:
                if not (trouble.server and parts.holds.troubles.standing(server=trouble.server)):
                    raise
                log.warning("%s：实时流已经报告，恢复后下一轮自动检查", trouble.what)
                return
        bad = [(check, result) for check, result in standing if check.severity == "bad"]
        if bad:
            said = "；".join(check.describe(result.found, result.examples) for check, result in bad)
            error = Unproven(said, do="；".join(f"{check.title}：{check.do}" for check, _ in bad))
            raise error.said_by(KINDS["bad"])
