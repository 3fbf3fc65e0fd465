"""What the ledger says of a server that is away, refuses or is asked too fast: one sentence, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from jst.ledger.findings import findings
from jst.ledger.rows import (
    DegradationRow,
    HoldRow,
    IncidentRow,
    WaitingRow,
)
from tests.support.ledger_rows import NOW, OURS, ledger, mark, trouble


def test_a_source_that_is_away_is_one_sentence_amber_at_once_and_red_after_90_seconds() -> None:
    live = [mark(), mark("inventory"), mark("after_sale")]
    young = [trouble(each.module, 20 - n) for n, each in enumerate(live)]
    (said,) = findings(ledger(*live, troubles=young))
    assert (said.level, said.what) == ("warn", "连不上聚水潭，正在重试：销售出库、库存、售后")
    assert said.do == "检查网络；恢复后自己补齐，不会丢数据"
    old = [replace(each, age=each.age + 75) for each in young]
    late = [replace(each, age=400.0) for each in live]
    (said,) = findings(ledger(*late, troubles=old))
    assert (said.level, said.what) == ("bad", "连不上聚水潭：销售出库、库存、售后已停 1 分 35 秒")
    assert said.detail == f"18:53:14 起没有成功过，第 3 次；{OURS}；模块 sale_out，request_id r-1"
    assert (said.dag_id, said.run_id) == ("jst_sale_out", "run-7")


def test_a_try_that_failed_a_moment_ago_is_repeated_before_it_is_said() -> None:
    assert findings(ledger(mark(), troubles=[trouble(age=3.0)])) == []


def test_a_dimension_is_tried_every_five_minutes_and_said_when_a_second_run_failed() -> None:
    assert findings(ledger(mark(), troubles=[trouble("sku", 200.0)])) == []
    (said,) = findings(ledger(mark(), troubles=[trouble("sku", 310.0)]))
    assert (said.level, said.dag_id) == ("warn", "jst_dimensions")
    (said,) = findings(ledger(mark(), troubles=[trouble("sku", 910.0)]))
    assert said.level == "bad"


def test_what_only_a_person_can_mend_is_red_at_once_and_says_when_it_is_tried_again() -> None:
    what = "app_key 没有这个接口的权限（HTTP 403，code 40302：令牌没有接口权限 order_out_query）"
    refused = trouble(age=1.0, nature="hopeless", what=what, do="申请权限", tries=1)
    hold = HoldRow("sale_out", 1, NOW + timedelta(seconds=200), "run-7", f"{what}。处理：申请权限")
    stopped = IncidentRow("feed_stopped", "sale_out", "", f"实时流停止：{what}", "按日志改好", NOW, 1)
    parts: dict[str, Any] = {"troubles": [refused], "holds": [hold], "incidents": [stopped]}
    (said,) = findings(ledger(mark(age=400), **parts))
    assert (said.level, said.what) == ("bad", "销售出库停了：app_key 没有这个接口的权限")
    assert said.do == "申请权限；改好后清除红色任务，马上再试"
    assert "18:56:54 自动重试" in said.detail


def test_a_clickhouse_that_does_not_answer_is_one_sentence_with_what_waits_in_kafka() -> None:
    away = {"task": "load", "server": "ClickHouse", "what": "ClickHouse 没有答复（SocketTimeoutError）"}
    troubles = [trouble(module, 40.0, **away) for module in ("inventory", "sale_out", "marts")]
    waiting = [WaitingRow(module, "live", "pulled", 6, 70.0) for module in ("inventory", "sale_out")]
    held = HoldRow("marts", 3, NOW + timedelta(seconds=9), "run-1", "任务 refresh_marts 失败：ClickHouse 没有答复")
    late = [mark(age=75), mark("inventory", age=75)]
    (said,) = findings(ledger(*late, troubles=troubles, waiting=waiting, holds=[held]))
    assert said.what == "ClickHouse 没有答复，2 个模块的 12 批在 Kafka 里等，不会丢"
    (alone,) = findings(ledger(mark(), troubles=troubles[:1], waiting=waiting[:1]))
    assert alone.what == "ClickHouse 没有答复，库存的 6 批在 Kafka 里等，不会丢"
    (first,) = findings(ledger(*late, troubles=troubles[:1], waiting=waiting))
    assert first.what == said.what, "sale_out's load has not failed yet"


def test_a_live_feed_comes_before_a_dimension_whose_last_try_failed_earlier() -> None:
    """A source that was away ends, and Kafka freezes before the dimensions are tried again."""
    sku = trouble("sku", 310.0)
    kafka = trouble(age=8.0, server="Kafka", what="Kafka 没有确认写入（topic ods.sale_out 只确认了 0/32 条）")
    found = findings(ledger(mark(), troubles=[sku, kafka]))
    assert [each.what for each in found] == [
        "Kafka 没有确认写入，正在重试：销售出库",
        "连不上聚水潭，正在重试：商品资料",
    ]
    late = findings(ledger(mark("sku", age=1000, live=False), mark(age=75)))
    assert [each.modules for each in late] == [["sale_out"], ["sku"]]


def test_nothing_is_said_to_be_safe_in_a_kafka_that_is_away() -> None:
    """pull and load both wait for it."""
    away = {"server": "Kafka", "what": "Kafka 没有确认写入（topic ods.sale_out 只确认了 0/32 条）"}
    troubles = [trouble(age=40.0, task="load", **away), trouble("inventory", 35.0, **away)]
    (said,) = findings(ledger(mark(), troubles=troubles, waiting=[WaitingRow("sale_out", "live", "pulled", 1, 20.0)]))
    assert said.what == "Kafka 没有确认写入，正在重试：销售出库、库存"


def test_a_degraded_feed_needs_nobody_and_is_no_emergency_between_two_batches() -> None:
    since = NOW - timedelta(minutes=8)
    stepped = DegradationRow("after_sale", since, None, "几乎全部被拒", 1, NOW + timedelta(seconds=100))
    refused = trouble("after_sale", 480.0, nature="refused", what="请求太快（HTTP 429）")
    incident = IncidentRow("degraded", "after_sale", "live", "售后的实时流 … 0/3 批", "不必人工", since, 4)
    parts: dict[str, Any] = {"degradations": [stepped], "troubles": [refused], "incidents": [incident]}
    (said,) = findings(ledger(mark("after_sale", age=420), **parts))
    assert (said.level, said.what) == ("warn", "售后降级为每 5 分钟一批，不必人工处理")
    assert "已连续 1/3 批没有被拒，下一批 18:55:14" in said.detail
    assert said.do.startswith("不必人工：")
    late = findings(ledger(mark("after_sale", age=700), **parts))
    assert late[0].what.startswith("售后已 11 分没有新数据")


def test_refusals_before_a_degradation_are_amber_and_need_nobody() -> None:
    refused = trouble(age=200.0, nature="refused", what="聚水潭说请求太快（HTTP 429）")
    (said,) = findings(ledger(mark(age=200), troubles=[refused]))
    assert (said.level, said.what) == ("warn", "聚水潭说请求太快，系统已自动放慢：销售出库")
    assert said.do.startswith("不必人工")
