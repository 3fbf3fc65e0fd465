"""Dead letters as a task: re-drive by the clock; list, re-drive and park by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Param

from jst.airflow.hooks import parts_from_connections
from jst.clock import SHANGHAI
from jst.control.letter_redrive import Choice, Patience
from jst.model.module import module_names

if TYPE_CHECKING:
    from airflow.sdk import Context

EVERY = "全部"
REASONS = (
    "page_failed", "not_an_object", "missing_key", "missing_modified", "bad_type", "bad_lines", "mixed_line_keys",
    "repeated_line_key", "missing_row_version", "too_large_for_kafka",
)  # fmt: skip
PARAMS = {
    "action": Param(
        "list",
        enum=["list", "redrive", "park"],
        values_display={"list": "列出", "redrive": "重投", "park": "搁置"},
        title="动作 action",
        description="列出：只看；重投：马上重新读取，已搁置的也读；搁置：不再自动重投，窗口记为例外",
    ),
    "module": Param(EVERY, enum=[EVERY, *module_names()], title="模块 module", description="只处理这个模块的死信"),
    "reason": Param(EVERY, enum=[EVERY, *REASONS], title="原因 reason", description="只处理这种原因的死信"),
    "since": Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="起始时刻 since",
        description="只处理这一刻之后产生的死信；留空是全部",
    ),
    "dry_run": Param(
        True, type="boolean", title="试运行 dry_run", description="只说会处理哪些死信、怎么处理，不改动任何东西"
    ),
}
"""Params of a run started by hand; a scheduled run re-drives what is due."""


class DeadLettersOperator(BaseOperator):
    """Index letters that only lie in Kafka, then re-drive those that are due; ``tries`` before one is parked, ``pause``
    between the first two. Started by hand, it does what the params say."""

    def __init__(self, *, tries: int, pause: timedelta, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.patience = Patience(tries, pause)

    def execute(self, context: Context) -> dict[str, int]:
        by_hand = context["dag_run"].run_type == "manual"
        with parts_from_connections() as parts:
            redrive = parts.redrive(self.dag_id, context["run_id"])
            params = dict(context["params"]) if by_hand else {"action": "redrive", "dry_run": False}
            choice = _choice(params, parked=by_hand)
            if params["action"] == "list":
                return redrive.list(choice)
            if params["dry_run"]:
                redrive.preview(choice)
                return redrive.show(choice)
            parts.letter_scan().run()
            if params["action"] == "park":
                return redrive.park(choice)
            return redrive.run(choice, self.patience, at_once=by_hand)


def _choice(params: dict[str, Any], *, parked: bool) -> Choice:
    module, reason = (params.get(name) or EVERY for name in ("module", "reason"))
    since = datetime.fromisoformat(params["since"]) if params.get("since") else None
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=SHANGHAI)
    return Choice("" if module == EVERY else module, "" if reason == EVERY else reason, since, parked)
