"""Tables of a program: which of its migrations they must have had."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from jst.errors import Misconfigured


def check_applied(applied: Set[str], folder: Path, tables: str) -> None:
    """Check that every migration in ``folder`` is among the names ``applied``; more of them are a newer program's,
    whose tables serve this one, too. ``tables``: what people call them.

    Raises Misconfigured.
    """
    missing = sorted({path.name for path in folder.glob("*.sql")} - applied)
    if missing:
        raise Misconfigured(
            f"程序比{tables}的库表新：还缺 {len(missing)} 个迁移，从 {missing[0]} 起",
            do="运行 DAG jst_schema，成功后清除红色任务；实时流自己会继续",
        )
