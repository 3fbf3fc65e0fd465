"""The faults of a night: how each begins and ends, and what the first line has to name."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
import openpyxl  # type: ignore[import-untyped]
import psutil

from bench.kills.victims import processes
from jst.clock import SHANGHAI
from jst.model.module import load_module
from local.airflow_api import AirflowApi
from local.layout import SANDBOX_WORKBOOK, Layout

SOURCE_SECONDS, SERVER_SECONDS = 90.0, 60.0
"""Within how many seconds the first line has to name a source, or anything else, that is in trouble."""

HUGE_LINES = 300
"""Of 4 kB each: more than a record of Kafka may have by its defaults."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``words``: what the first line must name, parted by |; ``aim``: within how many seconds; ``hold``: how long the
    fault goes on at least; ``heals``: whether the page must be green again after ``mend``; ``loud``: whether it must be
    named at all: what heals by itself in seconds need not be."""

    name: str
    title: str
    words: str
    begin: Callable[[], object]
    mend: Callable[[], object]
    aim: float = SERVER_SECONDS
    hold: float = 100.0
    heals: bool = True
    loud: bool = True


def faults(layout: Layout, erp_url: str, airflow: AirflowApi, keep: Path) -> Iterator[Fault]:
    """List all faults in the order of the night. ``keep``: a folder for what is put back afterwards."""
    erp = httpx.Client(base_url=f"{erp_url}/sandbox", trust_env=False, timeout=10)
    path = load_module("sale_out").endpoint("gateway").path

    def source(name: str, title: str, words: str, **options: object) -> Fault:
        def set_to(faults: dict[str, object]) -> None:
            erp.put("/faults", json=faults).raise_for_status()

        return Fault(name, title, words, lambda: set_to({name: options}), lambda: set_to({}), SOURCE_SECONDS)

    yield source("drop", "源端：连接断开", "与聚水潭的连接中途断开|连不上聚水潭")
    yield source("http_500", "源端：HTTP 500", "聚水潭暂时不能服务")
    yield source("http_502_html", "源端：HTTP 502，HTML 页", "聚水潭暂时不能服务")
    yield source("datas_null", "源端：datas 为 null", "datas 为 null")
    refused = source("permission_refused", "源端：一个接口没有权限（403）", "没有这个接口的权限", paths=[path])
    yield replace(refused, mend=partial(_clear_when_mended, airflow, refused.mend), hold=15.0)
    for name, title in (("kafka", "Kafka"), ("clickhouse", "ClickHouse")):
        yield Fault(
            f"{name}_frozen", f"{title} 冻结（SIGSTOP）", title,
            partial(_signal, layout, name, signal.SIGSTOP), partial(_signal, layout, name, signal.SIGCONT),
        )  # fmt: skip
    for name, title in (("kafka", "Kafka"), ("clickhouse", "ClickHouse"), ("postgres", "控制库|账本没有新数据")):
        yield Fault(
            f"{name}_killed", f"kill -9 {name}", title,
            partial(_signal, layout, name, signal.SIGKILL), lambda: None, hold=0.0, loud=False,
        )  # fmt: skip
    for name, title, lines in (("poison", "读不懂", "?"), ("too_large", "大于 Kafka 的上限", _lines(HUGE_LINES))):
        put = partial(_put_order, erp, f"NIGHT-{name}")
        yield Fault(
            name, f"源端：一张出库单{title}", "死信",
            partial(put, lines), partial(_redrive, airflow, partial(put, _lines(1))), hold=0.0,
        )  # fmt: skip
    yield Fault(
        "workbook", "店铺表写错一格", "店铺表",
        partial(_spoil_workbook, airflow, keep), partial(_restore_workbook, airflow, keep), hold=0.0,
    )  # fmt: skip
    storm = source("storm_429", "源端：429 风暴", "太频繁|降级", paths=[path])
    yield Fault(storm.name, storm.title, storm.words, storm.begin, storm.mend, 180.0, 200.0, heals=False)


def _signal(layout: Layout, name: str, number: signal.Signals) -> None:
    """Send it to the server and to what it has started."""
    top = psutil.Process(processes(layout)[name].pid)
    for process in (top, *top.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _trigger(airflow: AirflowApi, dag_id: str, conf: dict[str, object]) -> None:
    """Start a run as a person does who reads what to do."""
    body = {"logical_date": None, "conf": conf}
    airflow.request("POST", f"dags/{dag_id}/dagRuns", body=body).raise_for_status()


def _clear_when_mended(airflow: AirflowApi, mend: Callable[[], object]) -> None:
    """Clear the red task instead of waiting for the hold-back to end."""
    mend()
    dag_id = "jst_sale_out"
    red = max(airflow.task_instances(dag_id, state="failed"), key=lambda each: str(each["end_date"]))
    body = {"dry_run": False, "dag_run_id": red["dag_run_id"], "task_ids": [red["task_id"]], "only_failed": True}
    airflow.request("POST", f"dags/{dag_id}/clearTaskInstances", body=body).raise_for_status()


def _redrive(airflow: AirflowApi, mend: Callable[[], object]) -> None:
    mend()
    _trigger(airflow, "jst_dead_letters", {"action": "redrive", "dry_run": False})


def _lines(count: int) -> list[dict[str, object]]:
    """Return so many lines of 1 yuan, whose names take 4 kB each and do not compress."""
    rng = random.Random(count)
    return [
        {"ioi_id": str(number), "sku_id": "K00001-01", "qty": 1, "price": 1.0, "name": rng.randbytes(2048).hex()}
        for number in range(1, count + 1)
    ]


def _put_order(erp: httpx.Client, io_id: str, items: object) -> None:
    """Let the shop have one order as it says, or have it as it says now."""
    now = datetime.now(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    row = {
        "io_id": io_id, "o_id": io_id, "shop_id": 101, "status": "Confirmed", "io_date": now,
        "created": now, "pay_amount": 1.0, "paid_amount": 1.0, "free_amount": 0, "freight": 0, "items": items,
    }  # fmt: skip
    erp.post("/put", json={"module": "sale_out", "row": row}).raise_for_status()


def _spoil_workbook(airflow: AirflowApi, keep: Path) -> None:
    shutil.copyfile(SANDBOX_WORKBOOK, keep / SANDBOX_WORKBOOK.name)
    book = openpyxl.load_workbook(SANDBOX_WORKBOOK)
    book["费率"].cell(row=2, column=3).value = "很多"
    book.save(SANDBOX_WORKBOOK)
    _trigger(airflow, "jst_dimensions", {})


def _restore_workbook(airflow: AirflowApi, keep: Path) -> None:
    shutil.copyfile(keep / SANDBOX_WORKBOOK.name, SANDBOX_WORKBOOK)
    _trigger(airflow, "jst_dimensions", {})
