"""Print the commands that take us out again, with the names of this version: ``python -m jst.airflow.uninstall PLACE``.

PLACE: airflow (for a shell where Airflow's settings are), kafka (for a shell) or clickhouse (SQL for an administrator).
Printing deletes nothing. In which order, and what else there is: docs/uninstall.md.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from airflow.models.connection import Connection
from airflow.models.pool import Pool
from airflow.models.serialized_dag import SerializedDagModel
from airflow.sdk.configuration import conf
from airflow.utils.session import create_session
from sqlalchemy.orm import Session

from jst.access.render import removal
from jst.access.spec import load_access
from jst.airflow.monitoring_app import CONNECTION as METRICS
from jst.airflow.pools import wanted_pools
from jst.airflow.prepare import ADMIN, NEEDED, OPTIONAL
from jst.airflow.workbook_source import CONN_ID as WORKBOOK
from jst.backup.warehouse_dump import DATABASES
from jst.kafka.topics import wanted_topics
from jst.messages.channels import channels
from jst.model.include_folder import PACKAGE
from jst.model.module import INCLUDE

_OTHERS = (METRICS, WORKBOOK, "airflow_metadata", "quick_bi_default", "dim_mysql")


def of_airflow() -> Iterator[str]:
    """Yield what deletes DAGs with their runs, and the pools, connections and roles that Airflow has of us now; a pool
    that another DAG uses stays: its tasks would wait without a word."""
    dags = _dag_ids()
    for dag_id in dags:
        yield f"airflow dags delete --yes {dag_id}"
    ours = {*NEEDED, *OPTIONAL, ADMIN, *_OTHERS, *(each.connection for each in channels().values())}
    with create_session() as session:
        there = {conn_id for (conn_id,) in session.query(Connection.conn_id)}
        pools, used = {each.pool for each in Pool.get_pools(session=session)}, _pools_of_others(session, dags)
    for name in (each.name for each in wanted_pools() if each.name in pools):
        yield f"# 资源池 {name} 留下：DAG {used[name]} 也用它" if name in used else f"airflow pools delete {name}"
    yield from (f"airflow connections delete {name}" for name in sorted(ours & there))
    if conf.get("core", "auth_manager", fallback="").endswith("FabAuthManager"):
        roles = json.loads((INCLUDE / "config" / "airflow_roles.json").read_text("utf-8"))
        yield f"airflow roles delete {' '.join(dict.fromkeys(each['name'] for each in roles))}"


def _dag_ids() -> list[str]:
    """List our DAGs by their files, in the package or beside include/, where a company may keep its own, too."""
    folder = next(path for path in (PACKAGE / "dags", INCLUDE.parent / "dags") if path.is_dir())
    return sorted(path.stem for path in folder.glob("*.py") if path.stem.startswith(("jst_", "lingyang_")))


def _pools_of_others(session: Session, ours: Sequence[str]) -> dict[str, str]:
    """Return pool → another DAG that has a task in it."""
    dags = SerializedDagModel.read_all_dags(session=session)
    others = {dag_id: dag for dag_id, dag in dags.items() if dag_id not in ours}
    return {task.pool: dag_id for dag_id, dag in others.items() for task in dag.tasks}


def of_kafka() -> Iterator[str]:
    """Yield what deletes the topics, with Kafka's own command."""
    for topic in wanted_topics():
        yield f'kafka-topics.sh --bootstrap-server "$KAFKA" --delete --if-exists --topic {topic}'


def of_clickhouse() -> Iterator[str]:
    """Yield what drops policies, users, profiles and databases; each may be run again."""
    yield from (f"{statement};" for statement in removal(load_access()))
    yield from (f"DROP DATABASE IF EXISTS {name} SYNC;" for name in ("bi", *DATABASES))


_PLACES: dict[str, Callable[[], Iterator[str]]] = {
    "airflow": of_airflow,
    "kafka": of_kafka,
    "clickhouse": of_clickhouse,
}


def main(arguments: Sequence[str]) -> int:
    """Print the commands for one place and return 0, or how this is called and return 2."""
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    if len(arguments) != 1 or arguments[0] not in _PLACES:
        print(f"用法：python -m jst.airflow.uninstall {'|'.join(_PLACES)}（只打印，不删除）", file=sys.stderr)
        return 2
    for line in _PLACES[arguments[0]]():
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
