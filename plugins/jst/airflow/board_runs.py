"""Start runs that a board was asked for: with its own account, since business accounts may start none
(docs/decisions/0076)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.api.common.trigger_dag import trigger_dag
from airflow.exceptions import DagNotFound, DagRunAlreadyExists
from airflow.models import DagModel, DagRun
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType
from sqlalchemy.exc import OperationalError

from jst.errors import Misconfigured, Retry

DAG_ID = "lingyang_replenishment"
ACCOUNT = "jst_boards"
"""Who started the run, for Airflow's list and its audit log; the person's name is in conf and in the note."""


class BoardRuns:
    """Runs of ``lingyang_replenishment``, made in the process of the api-server, which has Airflow's database."""

    def start(self, run_id: str, params: Mapping[str, Any], by: str) -> None:
        """Start a run, once however often it is asked for. Raises Misconfigured where it could not run, Retry when
        Airflow's database is away."""
        try:
            with create_session() as session:
                dag = session.get(DagModel, DAG_ID)
                if dag is None or dag.is_stale or dag.has_import_errors:
                    raise _cannot("没有读到，或读坏了")
                if dag.is_paused:
                    raise _cannot("是暂停的")
            trigger_dag(
                DAG_ID, run_id=run_id, conf={**params, "asked_by": by}, triggered_by=DagRunTriggeredByType.UI,
                triggering_user_name=ACCOUNT, note=f"{by} 在看板“商品库存预警”上提交",
            )  # fmt: skip
        except DagRunAlreadyExists:
            return
        except DagNotFound as missing:
            raise _cannot("没有读到，或读坏了") from missing
        except OperationalError as away:
            raise Retry("Airflow 的数据库没有答复", do="稍后再试", server="PostgreSQL") from away

    def state(self, run_id: str) -> str:
        """Return the run's state, '' when there is none. Raises Retry when Airflow's database is away."""
        try:
            runs = DagRun.find(dag_id=DAG_ID, run_id=run_id)
        except OperationalError as away:
            raise Retry("Airflow 的数据库没有答复", do="稍后再试", server="PostgreSQL") from away
        return str(runs[0].state) if runs else ""


def _cannot(why: str) -> Misconfigured:
    return Misconfigured(f"现在不能做补货计划：Airflow 里的 {DAG_ID} {why}", do=f"请值班打开 Airflow 的 {DAG_ID}")
