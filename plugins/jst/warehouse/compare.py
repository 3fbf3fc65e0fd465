"""What the warehouse holds of a window, beside what the source says of it."""

from __future__ import annotations

from collections.abc import Sequence

from clickhouse_driver import Client

from jst.flow.window import Window
from jst.spec import Module
from jst.warehouse.sql import statement


def surplus(client: Client, module: Module, window: Window, batches: Sequence[tuple[str, int]]) -> list[str]:
    """Keys the warehouse has in ``window`` (by its time field) that none of the ``batches`` (plan_id, attempt) brought.

    Sound only if the batches together read all of the window, carried every row (``puller.pull(plan, again=True)``) and
    are loaded. Such a record left the window at the source and we have not seen its new version, or the source has lost
    it: ask for it by key. At least one batch; an empty one counts.
    """
    sql = statement("reconcile/surplus").format(module=module.name, key=module.key[0], field=window.field)
    rows = client.execute(
        sql,
        {
            "start": int(window.start.timestamp()),
            "end": int(window.end.timestamp()),
            "plans": sorted({plan_id for plan_id, _ in batches}),
            "batches": sorted(batches),
        },
    )
    return [key for (key,) in rows]
