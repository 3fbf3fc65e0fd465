"""The board's own account starts runs in Airflow: once, under a person's name, and never where none could run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jst.errors import Misconfigured
from jst.replenishment.plan_form import read_params, stored_params

DAG_FILE = Path(__file__).parents[2] / "dags" / "lingyang_replenishment.py"
RUN = "board__2026-03-08T09:30:00_ab12cd34"
PARAMS = stored_params(read_params({"budget": "500"}))


@pytest.fixture(scope="module")
def metadata(dags: dict[str, Any]) -> Callable[..., None]:
    """Airflow's database with the DAG in it, paused; change the DAG's row by ``metadata(paused=…)``."""
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils import db
    from airflow.utils.session import create_session

    db.initdb()
    with create_session() as session:
        session.add(DagBundleModel(name="dags-folder"))
    sync_bag_to_db(DagBag(str(DAG_FILE), bundle_name="dags-folder"), "dags-folder", None)

    def change(**columns: Any) -> None:
        with create_session() as session:
            row = session.get(DagModel, "lingyang_replenishment")
            for name, value in {"is_paused": False, "is_stale": False, "has_import_errors": False, **columns}.items():
                setattr(row, name, value)

    return change


@pytest.mark.parametrize(
    ("row", "said"),
    [({"is_paused": True}, "是暂停的"), ({"is_stale": True}, "没有读到"), ({"has_import_errors": True}, "读坏了")],
)
def test_a_run_that_could_not_run_is_refused_with_a_sentence(metadata: Any, row: dict[str, bool], said: str) -> None:
    from jst.airflow.board_runs import BoardRuns

    metadata(**row)
    with pytest.raises(Misconfigured, match=said):
        BoardRuns().start("board__refused", PARAMS, "cai.gou")
    assert BoardRuns().state("board__refused") == ""


def test_a_run_is_started_once_by_the_board_with_the_persons_name(metadata: Any) -> None:
    from airflow.models import DagRun

    from jst.airflow.board_runs import BoardRuns

    metadata()
    runs = BoardRuns()
    for _ in range(2):
        runs.start(RUN, PARAMS, "cai.gou")
    (run,) = DagRun.find(dag_id="lingyang_replenishment", run_id=RUN)
    assert (run.conf, run.triggering_user_name) == ({**PARAMS, "asked_by": "cai.gou"}, "jst_boards")
    assert runs.state(RUN) == "queued"


def test_a_task_reads_the_form_and_nothing_else_of_conf(dags: dict[str, Any]) -> None:
    from jst.airflow.operators.replenishment import asked

    context: Any = {
        "params": {**PARAMS, "asked_by": "mallory"}, "run_id": RUN,
        "dag_run": SimpleNamespace(triggering_user_name="oncall"),
    }  # fmt: skip
    assert asked(context) == (RUN, "oncall", PARAMS)
