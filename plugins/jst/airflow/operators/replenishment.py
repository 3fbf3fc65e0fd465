"""The operators of ``lingyang_replenishment``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from jst.airflow.hooks import parts_from_connections
from jst.control.replenishments import Replenishments
from jst.forecast.promos import load_promos
from jst.replenishment.plan_form import load_form
from jst.replenishment.plan_maker import PlanMaker

if TYPE_CHECKING:
    from airflow.sdk import Context


class CheckParamsOperator(BaseOperator):
    """Check what was filled in before anything else runs. Raises Misconfigured with a sentence."""

    def execute(self, context: Context) -> dict[str, int]:
        with _maker() as maker:
            return {"plan": maker.check(*asked(context)).replenishment_id}


class MakePlanOperator(BaseOperator):
    """Make the plan and store it, once however often it is cleared; returns how many lines it has."""

    def execute(self, context: Context) -> dict[str, int]:
        with _maker() as maker:
            return {"lines": maker.make(*asked(context)).lines}


class LookBackOperator(BaseOperator):
    """Write what came of earlier plans."""

    def execute(self, context: Context) -> None:
        with _maker() as maker:
            maker.look_back()


@contextmanager
def _maker() -> Iterator[PlanMaker]:
    with parts_from_connections() as parts:
        yield PlanMaker(parts.warehouse, Replenishments(parts.database), load_promos(), parts.clock)


def asked(context: Context) -> tuple[str, str, dict[str, Any]]:
    """Return run, who started it in Airflow, and what was filled in: conf may hold more than the form has."""
    given = {name: context["params"][name] for name in load_form()}
    return context["run_id"], context["dag_run"].triggering_user_name or "Airflow", given
