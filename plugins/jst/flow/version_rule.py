"""Adopting the rule of versions of today on tables that were written by the one before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from jst.clock import Clock
from jst.control.load_lock import VERSION_RULE
from jst.control.plans import Plans
from jst.model.module import Module
from jst.model.window import Window, floor_second
from jst.model.words import RECONCILE_DAG
from jst.warehouse.cluster import Warehouse, on_each_node
from jst.warehouse.outranking_rows import bring_down, outranking

log = logging.getLogger(__name__)
KEYS_AT_ONCE = 1_000
KEYS_TO_NAME = 10


def adopt_version_rule(
    module: Module, warehouse: Warehouse, plans: Plans, clock: Clock, widen: Callable[[list[str]], int]
) -> None:
    """Bring down what shuts out what follows, each time after it is planned to be requested again by key: what it shut
    out is known to the source alone. May be repeated."""
    found = on_each_node(warehouse, lambda node: outranking(node, module))
    keys = sorted(set[str]().union(*found))
    for start in range(0, len(keys), KEYS_AT_ONCE):
        chunk, now = keys[start : start + KEYS_AT_ONCE], floor_second(clock.now())
        if module.role == "live":  # dimensions are read again as a whole every night
            run_id = f"版本规则 {VERSION_RULE}"
            plans.add(module.name, "reconcile", RECONCILE_DAG, run_id, Window(now, now), now, keys=chunk)
        on_each_node(warehouse, partial(bring_down, module=module, keys=chunk))
        widen(chunk)
    if keys:
        log.warning(
            "%s：%d 单的修改时间晚于读取时间，会一直挡住以后的变化；已改正，对账会按主键再问源端：%s",
            module.name, len(keys), "、".join(keys[:KEYS_TO_NAME]),
        )  # fmt: skip
