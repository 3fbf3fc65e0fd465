"""When ``make up`` says that everything works, and what ``make status`` says then."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.control.load_progress import Progress
from jst.errors import Retry
from jst.ledger.cards import ModuleCard, module_cards
from jst.ledger.facts import Facts, Ledger
from jst.ledger.rows import (
    BatchRow,
    DegradationRow,
    HoldRow,
    IncidentRow,
    LettersRow,
    NodeRow,
    WaitingRow,
    WatermarkRow,
)
from jst.model.words import Origin, PlanState
from local.first_cycle import Look, owes, stopped
from local.layout import Layout, Ports, Secrets
from local.report import remembered
from local.supervise.settings import changes, fingerprints, moved_ports

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
NOW = START + timedelta(minutes=2)
BEFORE, AFTER = START - timedelta(hours=1), START + timedelta(minutes=1)


def ledger(**parts: list[Any]) -> Ledger:
    nothing: dict[str, list[Any]] = {part.name: [] for part in fields(Facts)}
    return Ledger(NOW, Facts(**nothing | parts), ())


def mark(module: str, at: datetime, kind: str = "read", reason: str = "") -> WatermarkRow:
    return WatermarkRow(module, kind, at, reason, (NOW - at).total_seconds(), live=module == "sale_out")


def batch(module: str, state: PlanState, carried: int) -> BatchRow:
    dag, run = f"jst_{module}", "run-1"
    return BatchRow(
        module, f"{module}-1", "live", dag, run, state, START, START, 1, carried, carried, 0, "counted", 1.0, 1.0
    )


def waiting(module: str, state: PlanState, origin: Origin) -> WaitingRow:
    return WaitingRow(module, origin, state, 1, 5.0)


def card(module: str, **parts: list[Any]) -> ModuleCard:
    (found,) = (card for card in module_cards(ledger(**parts), []) if card.name == module)
    return found


def first_load(proven: int) -> Progress:
    return Progress("sku", plans=2, pulled=2, proven=proven, rows=9, share=1.0, seconds=9.0, left=0.0)


LIVE = card("sale_out", marks=[mark("sale_out", AFTER)], batches=[batch("sale_out", "proven", 3)])
QUIET = replace(LIVE, batches=[batch("sale_out", "proven", 0)])
DIMENSION = card("sku", marks=[mark("sku", AFTER)], batches=[batch("sku", "proven", 3)])
NEW = replace(DIMENSION, batches=[])


@pytest.mark.parametrize(
    ("found", "rows", "load"),
    [
        (LIVE, 3, None),
        (QUIET, 0, None),  # a module in which nothing changes
        (LIVE, 3, first_load(proven=1)),  # goes on behind the live feed
        (DIMENSION, 3, None),
        (replace(DIMENSION, read=None), 3, None),  # the source only lists it
        (DIMENSION, 3, first_load(proven=2)),
        (NEW, 3, first_load(proven=1)),  # its history goes on behind it
        (replace(NEW, waiting=[waiting("sku", "planned", "initial")]), 3, first_load(proven=1)),
        (replace(DIMENSION, waiting=[waiting("sku", "open", "refresh")]), 3, None),
    ],
)
def test_what_works_owes_nothing(found: ModuleCard, rows: int, load: Progress | None) -> None:
    assert owes(found, rows, load, START.timestamp(), live=found.name == "sale_out") == ""


@pytest.mark.parametrize(
    ("found", "rows"),
    [
        (replace(LIVE, read=None), 3),
        (replace(LIVE, read=mark("sale_out", BEFORE)), 3),
        (LIVE, 0),
        (LIVE, None),
        (replace(QUIET, waiting=[waiting("sale_out", "pulled", "live")]), 0),
        (NEW, 3),
        (replace(DIMENSION, batches=[batch("sku", "pulled", 3)]), 3),
        (replace(DIMENSION, waiting=[waiting("sku", "planned", "refresh")]), 3),
        (replace(DIMENSION, read=mark("sku", BEFORE)), 3),
    ],
)
def test_what_does_not_work_yet_is_waited_for(found: ModuleCard, rows: int | None) -> None:
    assert owes(found, rows, None, START.timestamp(), live=found.name == "sale_out")


@pytest.mark.parametrize("live", [True, False])
def test_without_the_control_database_nothing_works(live: bool) -> None:
    assert owes(None, 3, None, START.timestamp(), live=live)


def test_status_says_all_the_ledger_knows_of_a_module() -> None:
    facts = ledger(
        marks=[mark("sale_out", AFTER), mark("sale_out", BEFORE, "complete", "sale_out-7 planned"),
               mark("sale_out", AFTER - timedelta(seconds=10), "visible")],
        letters=[LettersRow("sale_out", "open", "bad_lines", 2, 9.0, "读不成"),
                 LettersRow("sale_out", "parked", "bad_lines", 1, 9.0, "读不成")],
        holds=[HoldRow("sale_out", 2, NOW, "run-7", "不认签名。处理：核对 app_secret")],
        degradations=[DegradationRow("sale_out", START, None, "20 次里被拒 15 次", 1, NOW)],
        nodes=[NodeRow("127.0.0.1:9000", "serving", "", None, "", None, START)],
        incidents=[IncidentRow("letters_limit", "sale_out", "", "死信太多", "查看死信", START, 2)],
    )  # fmt: skip
    gap = Progress("sale_out", 4, 1, 1, 7, 0.25, 60.0, None, "补缺口")
    seen = Look(facts, {"sale_out": 1234}, {"sku": first_load(proven=2)}, {"sale_out": gap})
    lines = list(remembered(seen))
    begin = next(number for number, line in enumerate(lines) if line.startswith("模块 销售出库 sale_out："))
    assert lines[begin : begin + 5] == [
        "模块 销售出库 sale_out：1,234 行，读水位 read watermark 2026-11-24 16:01:00，"
        "完整水位 complete watermark 2026-11-24 15:00:00（计划 sale_out-7 待拉取），新鲜度 freshness 70 秒",
        "    死信：待重投 2 条，搁置 1 条",
        f"    {gap}",
        "    ! 11-24 16:00:00 起降级为每 5 分钟一批（20 次里被拒 15 次）；已连续 1/3 批没有被拒，下一批 16:02:00",
        "    ✗ 已暂停，16:02:00 自动重试：不认签名。处理：核对 app_secret",
    ]
    assert "    首次装载 sku：已完成，9 行" in lines
    assert "ClickHouse 节点 127.0.0.1:9000 正在服务 serving，2026-11-24 16:00:00 起" in lines
    assert "✗ 销售出库：死信太多，处理：查看死信" in lines
    assert any(line.startswith("✗ 销售出库已暂停，16:02:00 自动重试：不认签名") for line in lines)


def test_status_says_when_all_is_well_and_when_nothing_can_be_asked() -> None:
    well = ledger(
        marks=[replace(mark("sale_out", AFTER, "visible"), age=2.0)],
        incidents=[IncidentRow("check_warn", "", "abnormal_quantity", "数量小于 0：3 行（A）", "核对", START, 2)],
    )
    assert list(remembered(Look(well)))[-2:] == [
        f"✓ 全部正常，数据到 {AFTER.astimezone(SHANGHAI):%H:%M:%S}；另有 1 项数据提醒",
        "· 数量小于 0：3 行（A），处理：核对",
    ]
    away = list(remembered(Look(Retry("PostgreSQL 连不上", do="稍后重试"), {"sale_out": 5})))
    assert "模块 销售出库 sale_out：5 行" in away
    assert away[-1].startswith("✗ 账本没有新数据：PostgreSQL 连不上")


FEEDS = ("sale_out", "after_sale", "inventory")
REFUSED = (
    "聚水潭不认我们的签名（HTTP 200，code 105）"
    "（模块 {0}，接口 /open/{0}/query，窗口 [a → b] modified，页 1，request_id r-{0}）。处理：核对 app_secret"
)


def held(*modules: str, hopeless: bool = True) -> Look:
    told = {"inventory": f"任务 pull_inventory 失败：{REFUSED}"}
    holds = [HoldRow(module, 1, NOW, "run-1", told.get(module, REFUSED).format(module)) for module in modules]
    incidents = [
        IncidentRow("feed_stopped", module, "", "实时流停止", "改好", START, 1) for module in modules if hopeless
    ]
    return Look(ledger(holds=holds, incidents=incidents))


def test_a_cause_that_stops_all_feeds_is_said_once() -> None:
    owed = dict.fromkeys((*FEEDS, "sku", "shop"), "等待第一次读取")
    assert stopped(held(*FEEDS), owed) == [
        "销售出库、售后、库存：聚水潭不认我们的签名（HTTP 200，code 105）。处理：核对 app_secret"
    ]


@pytest.mark.parametrize(
    ("seen", "owed", "ends"),
    [
        (held("sale_out"), ("sale_out",), True),  # all others work: nothing more will come
        (held("sale_out"), ("sale_out", "sku"), False),
        (held(*FEEDS, hopeless=False), FEEDS, False),  # they try again, and it may help
        (held(), ("sale_out",), False),
        (Look(Retry("PostgreSQL 连不上", do="稍后重试")), FEEDS, False),
    ],
)
def test_make_up_waits_as_long_as_something_may_still_come(seen: Look, owed: tuple[str, ...], ends: bool) -> None:
    assert bool(stopped(seen, dict.fromkeys(owed, "等待第一次读取"))) == ends


def test_settings_that_changed_are_named_and_their_values_are_not(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Ports(), Secrets())
    began = {
        "AIRFLOW_CONN_JUSHUITAN_DEFAULT": "secret-1",
        "AIRFLOW_CONN_DIM_MYSQL": "x",
        "HOME": "/a",
        "JST_SANDBOX": "",
    }
    now = {"AIRFLOW_CONN_JUSHUITAN_DEFAULT": "secret-2", "AIRFLOW_CONN_QUICK_BI": "y", "HOME": "/b", "JST_SANDBOX": ""}
    before = fingerprints(layout, began)
    assert changes(before, before) == []
    assert changes(before, fingerprints(layout, now)) == [
        "AIRFLOW_CONN_DIM_MYSQL（去掉了）",
        "AIRFLOW_CONN_JUSHUITAN_DEFAULT（改过了）",
        "AIRFLOW_CONN_QUICK_BI（新设的）",
    ]
    assert "secret" not in str(before)
    other = fingerprints(Layout(tmp_path, Ports(), Secrets()), began)
    assert set(other.values()).isdisjoint(before.values()), "of use to no one without the installation's key"
    assert moved_ports(Ports(), Ports(airflow=18081)) == ["JST_PORT_AIRFLOW（18080 → 18081）"]
