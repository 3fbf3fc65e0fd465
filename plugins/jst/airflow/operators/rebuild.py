"""The operator of ``jst_rebuild``."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from jst.airflow.hooks import parts_from_connections
from jst.airflow.operators.module_operator import ModuleOperator
from jst.clock import SHANGHAI
from jst.errors import Misconfigured

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


class RebuildOperator(ModuleOperator):
    """Replay one module's records from Kafka, or say what that would be; skipped when the run does not name it."""

    def execute(self, context: Context) -> dict[str, int]:
        params = context["params"]
        if self.module not in params["modules"]:
            raise AirflowSkipException(f"本次没有选择 {self.module}")
        since, until = moment(params["since"], "since"), moment(params["until"], "until")
        with parts_from_connections() as parts:
            parts.followed_source.check()
            rebuild = parts.kafka_replay(self.module, context["run_id"])
            if params["dry_run"]:
                log.info("试运行 dry_run，什么都不写：\n%s", "\n".join(rebuild.describe(since, until)))
                return {"records": 0, "rows": 0}
            return rebuild.run(since, until)


def moment(text: Any, name: str) -> datetime | None:
    """Read a time as a person writes it, in Asia/Shanghai unless it names another zone; None when left empty.

    Raises Misconfigured naming the parameter.
    """
    if not text:
        return None
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError as wrong:
        raise Misconfigured(f"参数 {name} 不是时间：{text}", do="写成 2026-01-02 08:00:00（北京时间）") from wrong
    return read.replace(tzinfo=SHANGHAI) if read.tzinfo is None else read.astimezone(SHANGHAI)
