"""Rows of the ledger at one moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jst.clock import SHANGHAI
from jst.control.load_progress import Progress
from jst.ledger.facts import Facts, Ledger
from jst.ledger.rows import (
    TroubleRow,
    WatermarkRow,
)

NOW = datetime(2026, 11, 26, 18, 53, 34, tzinfo=SHANGHAI)


def mark(
    module: str = "sale_out", kind: str = "visible", age: float = 2.0, reason: str = "", live: bool = True
) -> WatermarkRow:
    """A watermark that is ``age`` seconds old."""
    return WatermarkRow(module, kind, NOW - timedelta(seconds=age), reason, age, live)


def ledger(*marks: WatermarkRow, first_loads: tuple[Progress, ...] = (), **parts: Any) -> Ledger:
    """What the ledger sees at ``NOW``: these marks and parts, and nothing else."""
    nothing: dict[str, list[Any]] = {name: [] for name in Facts.__dataclass_fields__}
    return Ledger(NOW, Facts(**{**nothing, "marks": list(marks), **parts}), first_loads)


OURS = "连不上聚水潭（ConnectError），共试 3 次"


def trouble(module: str = "sale_out", age: float = 20.0, **facts: Any) -> TroubleRow:
    """A pull that has not been answered for ``age`` seconds."""
    known: dict[str, Any] = {
        "task": "pull", "nature": "passing", "server": "聚水潭", "run_id": "run-7", "what": OURS,
        "place": "模块 sale_out，request_id r-1", "do": "检查网络", "tries": 3, "since": NOW - timedelta(seconds=age),
    }  # fmt: skip
    return TroubleRow(module=module, age=age, **known | facts)
