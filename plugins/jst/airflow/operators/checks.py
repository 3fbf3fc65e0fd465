"""The operator of ``jst_checks``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections
from jst.errors import Unproven
from jst.model.check_facts import load_checks

if TYPE_CHECKING:
    from airflow.sdk import Context


class RunChecksOperator(BaseOperator):
    """Look at every check that is due, at all of them when a person started the run; red while a bad one stands."""

    def execute(self, context: Context) -> None:
        by_hand = context["dag_run"].run_type == "manual"
        with parts_from_connections() as parts:
            standing = parts.check_round().run(load_checks(), whether_due_or_not=by_hand)
        bad = [(check, result) for check, result in standing if check.severity == "bad"]
        if bad:
            said = "；".join(check.describe(result.found, result.examples) for check, result in bad)
            raise Unproven(said, do="；".join(f"{check.title}：{check.do}" for check, _ in bad))
