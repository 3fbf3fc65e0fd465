"""A connection that was exchanged for another company's: whatever runs, no row of it comes among ours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from jst.errors import Misconfigured
from jst.flow.backfill.business_day import slices
from jst.flow.backfill.estimate import costs
from jst.flow.live.shift import Limits
from jst.kafka.retained import retained
from jst.model.module import load_module, module_names
from tests.support.house import House
from tests.support.letter_redrive import DUE, PATIENCE, redrive
from tests.support.planted_orders import order, plant, pull

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]


def kept(house: House) -> tuple[Any, ...]:
    """What lies in Kafka, what was loaded, and how many requests were made."""
    offsets = [retained(house.kafka, load_module(name).topic, None, None).offsets for name in module_names()]
    rows = house.rows("SELECT name, total_rows FROM system.tables WHERE database IN ('ods', 'dwd', 'dws') ORDER BY ALL")
    return offsets, rows, house.database.rows("SELECT ticket FROM credential")


def slice_pull(house: House) -> Any:
    yesterday = house.clock.now().date() - timedelta(days=1)
    part = slices(load_module("sale_out"), yesterday, house.clock.now())[0]
    worker = house.worker("sale_out", "day-1")
    return house.slice_pull(part, "jst_backfill", "day-1").run(worker, house.certificates.now())


def estimate(house: House) -> Any:
    yesterday = house.clock.now().date() - timedelta(days=1)
    wanted = slices(load_module("sale_out"), yesterday, house.clock.now())
    return list(costs(wanted, house.client, house.warehouse, lambda name: len(house.puller(name).warehouses.asked())))


def first_load(house: House) -> Any:
    worker = house.initial("inventory")
    worker.ensure_begun()
    return worker.work_off("initial")


def refusal(enter: Callable[[House], Any], house: House) -> str:
    try:
        return f"not refused: {enter(house)}"
    except Misconfigured as error:
        return str(error)


ENTRIES: dict[str, Callable[[House], Any]] = {
    "watch": lambda house: house.watch(run_id="other").reason_to_start(),
    "live shift": lambda house: house.shift(run_id="other").run(Limits(longest=4)),
    "first load": first_load,
    "dimensions": lambda house: house.worker("shop").catch_up(),
    "reconcile": lambda house: house.reconcile(run_id="other").run(),
    "re-drive": lambda house: redrive(house, "other").run(DUE, PATIENCE, at_once=True),
    "backfill": slice_pull,
    "dry run": estimate,
}


def test_no_row_of_another_source_comes_among_ours(house: House) -> None:
    window = plant(house, order("good"), order("bad", items="?"))
    pull(house, window)
    house.loader().load_waiting()
    house.database.rows("UPDATE watermark SET value = value - interval '1 hour' WHERE kind = 'start'")  # to reconcile
    house.database.rows("UPDATE source SET app_key = 'merchant-app-0001'")
    before = kept(house)
    with closing(house.beside()) as other:
        said = {name: refusal(enter, other) for name, enter in ENTRIES.items()}
    assert [name for name, sentence in said.items() if "数据来自 app_key …p-0001（gateway，" not in sentence] == [], (
        said
    )
    assert kept(house) == before
