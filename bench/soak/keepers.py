"""What may grow, how long it is kept and who deletes it: docs/retention.md, as the names of a look have it."""

from __future__ import annotations

import re

import msgspec

from jst.control.old_rows import RULES
from jst.model.retention import load_retention

AIRFLOW_CLEANS = (
    "asset_event", "callback", "dag_run", "dag_version", "deadline", "import_error", "job", "log", "revoked_token",
    "session", "task_instance", "task_instance_history", "task_reschedule", "trigger", "xcom",
)  # fmt: skip
"""Tables of ``airflow db clean``."""
AIRFLOW_CASCADES = ("dagrun_asset_event", "rendered_task_instance_fields", "serialized_dag", "dag_code")
"""They go with a run, a task or a DAG's version."""
_RECEIPTS = "receipt"
_KEPT = "一直保留：要查的历史"
_REST = (
    (r"size/jst_ops\.(certificate|mart_day|replenishment)", _KEPT),
    (r"size/logs/airflow|logs/airflow", "{airflow_logs} 天，clean_logs"),
    (r"size/logs/.*", "每个文件到 32 MB 截断，留一份旧的"),
    (r"size/kafka/ods\.dead_letters", "90 天，Kafka"),
    (r"size/kafka/ods\..*", "7 天，Kafka"),
    (r"size/kafka/__cluster_metadata", "7 天或 100 MB，Kafka"),
    (r"(size|rows)/(ods|ops).*", "7 至 800 天，ClickHouse 的 TTL"),
    (r"(size|rows)/(dwd|dws|dim|bi)\b.*", _KEPT),
    (r"size/disk/clickhouse", "随其中的表；合并前的旧数据块 8 分钟后删除"),
    (r"size/disk/postgres", "随其中的表；WAL 不超过 256 MB"),
    (r"size/disk/kafka", "随其中的 topic"),
    (r"size/disk/erp", "沙箱店铺自己的数据，不属于产品"),
)


def keeper(name: str) -> str:
    """Return how long what a look calls ``name`` is kept, and by whom it is deleted; empty: it must not grow."""
    days = msgspec.structs.asdict(load_retention())
    found = re.fullmatch(r"size/(airflow|jst_ops)\.(\w+)", name)
    if found and found[1] == "airflow" and found[2] in AIRFLOW_CLEANS + AIRFLOW_CASCADES:
        return f"{days['airflow_runs']} 天，clean_runs"
    if found and found[1] == "jst_ops" and (rule := _rules().get(found[2])):
        return f"{days[rule]} 天，clean_control"
    said = next((text for pattern, text in _REST if re.fullmatch(pattern, name)), "")
    return said.format(**days)


def _rules() -> dict[str, str]:
    """Return table → the rule of ``jst_housekeeping`` that deletes from it."""
    named = {
        table: rule for rule, statements in RULES.items() for sql in statements
        for table in re.findall(r"DELETE FROM (\w+)", sql)
    }  # fmt: skip
    return {**named, _RECEIPTS: named["plan"]}
