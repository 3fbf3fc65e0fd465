"""Names that live outside the code: in databases, in Kafka, in Airflow's metadata and in other people's DAGs. Changing
one of them here loses what stands there under the old name, so each list is written out."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from jst.control import degradation, holds, lock_numbers, troubles
from jst.control.incidents import OUTSIDE
from jst.flow import disk_look
from jst.flow.dead_letters import redrive
from jst.flow.reconcile import round as reconcile_round
from jst.kafka.record import LETTERS
from jst.messages import message, sender
from jst.model import words
from jst.model.check_facts import KINDS
from jst.model.module import load_module, module_names

ROOT = Path(__file__).parents[2]

TASKS = {
    "jst_after_sale": "load_after_sale pull_after_sale watch_after_sale",
    "jst_backfill": (
        "certify_after_sale certify_inventory certify_sale_out certify_sku open_day plan_after_sale plan_inventory "
        "plan_sale_out plan_sku pull_after_sale pull_inventory pull_sale_out pull_sku snapshot_inventory wait_night"
    ),
    "jst_checks": "run_checks",
    "jst_dead_letters": "redrive_letters",
    "jst_dimensions": (
        "import_shops load_shop load_sku load_warehouse mirror_sku pull_shop pull_sku pull_warehouse "
        "relabel_after_sale relabel_inventory relabel_sale_out"
    ),
    "jst_initial": (
        "pull_after_sale pull_inventory pull_sale_out pull_sku wait_after_sale wait_inventory wait_sale_out wait_sku"
    ),
    "jst_inventory": "load_inventory pull_inventory watch_inventory",
    "jst_housekeeping": "clean_control clean_logs clean_runs",
    "jst_figures": "copy_figures",
    "jst_marts": "refresh_marts watch_marts",
    "jst_rebuild": (
        "rebuild_after_sale rebuild_inventory rebuild_sale_out rebuild_shop rebuild_sku rebuild_warehouse"
    ),
    "jst_reconcile": "reconcile_after_sale reconcile_inventory reconcile_sale_out",
    "jst_sale_out": "load_sale_out pull_sale_out watch_sale_out",
    "jst_schema": "check_source create_topics migrate_control migrate_warehouse",
    "jst_standby": "bring_back",
    "lingyang_replenishment": "check_params look_back make_plan",
    "lingyang_access": "fill_access prove_access sync_quick_bi",
    "lingyang_daily_push": (
        "run_subscription say_late_daily say_late_monthly say_late_weekly send_daily send_monthly send_weekly "
        "wait_daily wait_monthly wait_weekly"
    ),
    "lingyang_alerts": "look_at_alerts",
    "lingyang_silence": "silence",
    "lingyang_messages": "deliver_messages",
    "lingyang_forecast": "forecast_sales outlook",
}  # fmt: skip

CONTROL_TABLES = """alert_rule api_minute api_total backup branch budget budget_minute budget_total certificate
    check_result credential cursor_mark cursor_reread cursor_trail degradation feed fence incident kafka_cluster
    key_refusal label_search letter letter_scan lost mart_day mart_search message message_picture node plan rebuild
    receipt replenishment shift silence source stock_kind subscription_run token trouble turn viewer_ticket wall_link
    watermark"""
WAREHOUSE_TABLES = """access.quick_bi_tag access.user_role access.user_shop dim.dim_quality_question dim.dim_shop
    dim.dim_shop_fee dim.dim_sku dim.dim_sku_form dim.dim_warehouse dim.dim_warehouse_province dwd.dwd_after_sale
    dwd.dwd_inventory dwd.dwd_line_cost dwd.dwd_refund_seen dwd.dwd_sale_out dwd.dwd_shop dwd.dwd_sku dwd.dwd_warehouse
    dws.dws_after_sale dws.dws_inventory dws.dws_inventory_day dws.dws_replenishment_line
    dws.dws_replenishment_outcome dws.dws_sale_out dws.dws_shop_hour
    dws.dws_shop_hour_forecast dws.dws_shop_margin_day dws.dws_shop_sku_day dws.dws_shop_style_day
    dws.dws_shop_style_week dws.dws_shop_warehouse_day dws.dws_sku_outlook
    ods.after_sale ods.inventory ods.sale_out ods.shop ods.sku ods.warehouse
    ops.access_proof ops.api_minute ops.bi_health ops.check_result ops.forecast_candidate
    ops.migration ops.module_minute ops.shop_owner"""


def test_dags_and_tasks(dags: dict[str, Any]) -> None:
    """Airflow keeps runs, their states and what was cleared by these names; plans name the DAG and run that made
    them."""
    assert {dag.dag_id: " ".join(sorted(dag.task_ids)) for dag in dags.values()} == TASKS


def test_assets(dags: dict[str, Any]) -> None:
    """People's DAGs are scheduled by these names; a task makes one event for each when it succeeds, so that a busy hour
    makes no more than its shifts."""
    made = {task: [asset.name for asset in task.outlets] for dag in dags.values() for task in dag.tasks}
    assert {name for names in made.values() for name in names} == {
        "dws_sale_out", "dws_after_sale", "dws_inventory", "dws_inventory_day", "dws_shop_hour", "dws_shop_sku_day",
        "dws_shop_style_day", "dws_shop_style_week", "dws_shop_warehouse_day", "dws_shop_margin_day",
        "dws_shop_hour_forecast", "dws_sku_outlook",
        "certified_sale_out", "certified_after_sale", "certified_inventory", "certified_sku",
    }  # fmt: skip
    live = {task.task_id: names for task, names in made.items() if task.pool == "live" and names}
    assert {task_id: len(names) for task_id, names in live.items()} == {
        "load_sale_out": 1, "load_after_sale": 1, "load_inventory": 1, "refresh_marts": 6,
    }  # fmt: skip
    assert not any(task.is_mapped for task, names in made.items() if names)


def test_pools() -> None:
    """An administrator gives pools their slots in Airflow; a task of an unknown pool never starts."""
    pools = yaml.safe_load((ROOT / "include/config/pools.yaml").read_text("utf-8"))
    assert {pool["name"] for pool in pools} == {
        "live", "dimensions", "redrive", "reconcile", "backfill", "picture"
    }  # fmt: skip


def test_topics() -> None:
    """What was pulled and not loaded yet lies in Kafka under these names."""
    assert {load_module(name).topic for name in module_names()} | {LETTERS} == {
        "ods.after_sale", "ods.inventory", "ods.sale_out", "ods.shop", "ods.sku", "ods.warehouse", "ods.dead_letters"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "jst.airflow.triggers",
            ["SourceChangedTrigger", "MartDaysTrigger", "FiguresTrigger", "CompleteWatermarkTrigger"],
        ),
        ("jst.airflow.push_trigger", ["DayFinishedTrigger"]),
        ("jst.airflow.message_trigger", ["MessagesTrigger"]),
        ("jst.airflow.message_hooks", ["DingTalkRobotHook", "FeishuBotHook", "SmsHook"]),
        ("jst.airflow.message_notifier", ["MessageNotifier"]),
        ("jst.airflow.operators.messages", ["SendMessageOperator"]),
        ("jst.airflow.timetables", ["BusinessDayTimetable", "ShiftTimetable"]),
        ("jst.airflow.sensors", ["SourceChangedSensor", "MartDaysSensor", "CompleteWatermarkSensor"]),
    ],
)
@pytest.mark.usefixtures("dags")  # Airflow is set up before it is imported
def test_class_paths(module: str, names: list[str]) -> None:
    """Airflow's metadata holds the paths of triggers of deferred tasks and of timetables; users' DAGs import the
    sensors."""
    assert all(isinstance(getattr(importlib.import_module(module), name), type) for name in names)


@pytest.mark.usefixtures("dags")
def test_triggers_of_deferred_tasks() -> None:
    """A deferred task is taken up by the path and the arguments its trigger gave, perhaps in the version before."""
    from jst.airflow import message_trigger, triggers

    stored = [
        message_trigger.MessagesTrigger(60.0).serialize(),
        triggers.SourceChangedTrigger("sale_out", "jst_sale_out", "run", 60.0).serialize(),
        triggers.MartDaysTrigger("run", 60.0).serialize(),
        triggers.FiguresTrigger(60.0).serialize(),
        triggers.CompleteWatermarkTrigger("sale_out", "2026-03-01T00:00:00+08:00", 5.0).serialize(),
    ]
    assert [(path, sorted(kwargs)) for path, kwargs in stored] == [
        ("jst.airflow.message_trigger.MessagesTrigger", ["longest"]),
        ("jst.airflow.triggers.SourceChangedTrigger", ["dag_id", "longest", "module", "run_id"]),
        ("jst.airflow.triggers.MartDaysTrigger", ["longest", "run_id"]),
        ("jst.airflow.triggers.FiguresTrigger", ["longest"]),
        ("jst.airflow.triggers.CompleteWatermarkTrigger", ["module", "poll_seconds", "until"]),
    ]


def test_words_of_the_control_database() -> None:
    """Rows are stored with these words, and CHECK constraints refuse any other."""
    assert set(get_args(words.Origin)) == {"live", "gap", "initial", "reconcile", "backfill", "redrive", "refresh"}
    assert set(get_args(words.PlanState)) == {"planned", "pulled", "loaded", "proven", "excepted", "open"}
    assert set(get_args(words.Proof)) == {"", "counted", "set", "cursor"}
    assert set(get_args(words.LetterState)) == {"open", "parked", "redriven"}
    assert set(get_args(words.TroubledTask)) == {"pull", "load"}
    assert set(get_args(words.TroubleNature)) == {"passing", "refused", "hopeless"}
    assert set(get_args(message.Kind)) == {"report", "incident"}
    assert set(get_args(message.State)) == {"waiting", "sending", "sent", "maybe_sent", "refused", "skipped"}
    assert set(get_args(words.CallKind)) == {"ok", "refused", "failed"}
    assert set(get_args(words.NodeState)) == {"serving", "proven", "filling", "away"}
    assert set(get_args(words.CertificateState)) == {"proven", "excepted", "open"}


def test_channels_and_the_types_of_their_connections() -> None:
    """Rows of the outbox name the channels, and companies keep their robots in connections of these types."""
    facts = yaml.safe_load((ROOT / "include/config/messages.yaml").read_text("utf-8"))["channels"]
    assert {name: (each["type"], each["connection"]) for name, each in facts.items()} == {
        "dingtalk": ("dingtalk", "dingtalk_default"),
        "feishu": ("feishu", "feishu_default"),
        "sms": ("sms", "sms_default"),
    }


def test_every_word_has_a_title() -> None:
    assert set(words.ORIGIN_TITLES) == set(get_args(words.Origin))
    assert set(words.PLAN_STATE_TITLES) == set(get_args(words.PlanState))
    assert set(words.PROOF_TITLES) == set(get_args(words.Proof))
    assert set(words.LETTER_TITLES) == set(get_args(words.LetterState)) - {"redriven"}
    assert set(words.NODE_STATE_TITLES) == set(get_args(words.NodeState))
    assert set(words.CERTIFICATE_STATE_TITLES) == set(get_args(words.CertificateState))


def test_the_roles_of_people() -> None:
    """People have it: an import makes a role once, and does not change one that is there."""
    roles = json.loads((ROOT / "include/config/airflow_roles.json").read_text("utf-8"))
    rights = {(each["action"], each["resource"]) for each in roles if each["name"] == "看板"}
    assert rights == {("can_read", "Plugins"), ("can_read", "Website")}
    assert {each["name"] for each in roles} == {"看板", "老板", "BI", "分析", "值班"}


@pytest.mark.usefixtures("dags")
def test_incident_kinds() -> None:
    """An incident is closed by the kind it was opened under, and people route alarms by it."""
    from jst.airflow.operators import dimensions

    kinds = {holds.STOPPED, degradation.INCIDENT, redrive.PARKED, reconcile_round.KIND, dimensions.INCIDENT[0]}
    assert kinds == {"feed_stopped", "degraded", "letters_parked", "difference", "shops_workbook"}
    assert troubles.INCIDENT == "server_away"
    assert KINDS == {"bad": "check", "warn": "check_warn"}
    assert sender.INCIDENT == "robot"
    assert OUTSIDE == "outside"
    assert disk_look.KIND == "disk_full"
    assert '"node_away"' in (ROOT / "plugins/jst/control/nodes.py").read_text("utf-8")


def test_lock_numbers() -> None:
    """Workers of two versions keep each other out by these while one replaces the other."""
    assert (lock_numbers.MIGRATIONS, lock_numbers.LOADING, lock_numbers.NODES) == (7_021_944, 7_021, 7_022)
    assert (lock_numbers.NODES_REGISTER, lock_numbers.NODES_WRITE, lock_numbers.MESSAGES) == (0, 1, 7_023)


@pytest.mark.parametrize(("server", "tables"), [("postgres", CONTROL_TABLES), ("clickhouse", WAREHOUSE_TABLES)])
def test_tables(server: str, tables: str) -> None:
    """They hold everything that was read so far, and boards ask them by name."""
    created = set[str]()
    for path in (ROOT / "include/sql/migrations" / server).glob("*.sql"):
        created |= set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?([a-z_.]+)", path.read_text("utf-8")))
    assert created == set(tables.split())
