"""The first line: one sentence that says whether all is well, and if not, what is wrong and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from jst.control.load_progress import Progress
from jst.ledger.facts import Ledger
from jst.ledger.findings import findings, headline
from jst.ledger.rows import (
    CheckRow,
    HoldRow,
    IncidentRow,
    LettersRow,
    MartDayRow,
    OpenWindowRow,
    WaitingRow,
)
from jst.ledger.titles import reason_of
from tests.support.ledger_rows import NOW, ledger, mark, trouble


def first_line(told: Ledger) -> str:
    return str(headline(told, findings(told)))


def window(**facts: Any) -> OpenWindowRow:
    known: dict[str, Any] = {
        "plan_id": "sale_out-7", "module": "sale_out", "origin": "live", "dag_id": "jst_sale_out", "run_id": "run-7",
        "window_from": NOW - timedelta(seconds=8), "window_to": NOW - timedelta(seconds=4), "age": 30.0, "windows": 1,
        "reason": "读取期间总数变多（120→121），有迟到的提交",
    }  # fmt: skip
    return OpenWindowRow(**known | facts)


def test_when_all_is_well_it_says_up_to_when_the_slowest_feed_has_read() -> None:
    told = ledger(mark(age=2), mark("inventory", age=4), mark("sku", age=200, live=False))
    assert first_line(told) == "全部正常，数据到 18:53:30"


def test_a_pool_airflow_lacks_comes_before_all_that_is_late_by_it() -> None:
    late = ledger(mark(age=2), troubles=[trouble(age=100.0)])
    said = first_line(replace(late, missing_pools=["live", "picture"]))
    assert said.startswith("Airflow 里没有资源池 live、picture：用它们的任务停在 scheduled，处理：")
    assert "python -m jst.airflow.prepare" in said


def test_a_first_load_under_way_is_no_trouble_and_is_said() -> None:
    load = Progress("sku", 10, 4, 4, 1000, 0.42, 60.0, 80.0)
    assert first_line(ledger(mark(age=2), first_loads=(load,))) == "全部正常，数据到 18:53:32；首次装载进行到 42%"


def test_a_first_load_that_stands_is_not_called_well() -> None:
    """Its task was red together with the feed; the feed is cleared and green, the past is not there."""
    load = Progress("sale_out", 14, 6, 6, 5940, 0.29, 43.0, 105.0, idle=660.0)
    (said,) = findings(ledger(mark(), first_loads=(load,)))
    assert (said.level, said.dag_id) == ("warn", "jst_initial")
    assert said.what == "销售出库的首次装载停在 29%，已 11 分没有进展"
    assert findings(ledger(mark(), first_loads=(replace(load, idle=1900.0),)))[0].level == "bad"
    assert findings(ledger(mark(), first_loads=(replace(load, idle=500.0),))) == []
    assert findings(ledger(mark(), first_loads=(replace(load, pulled=14),))) == []
    (cause,) = findings(ledger(mark(), first_loads=(load,), troubles=[trouble(age=100.0)]))
    assert cause.what.startswith("连不上聚水潭")


def test_an_open_window_is_said_with_its_reason_and_what_to_do() -> None:
    said = first_line(ledger(mark(), open=[window(windows=3), window(plan_id="sale_out-9", windows=3)]))
    assert said.startswith("销售出库有 3 个窗口未证明：读取期间总数变多（120→121），有迟到的提交，处理：")
    assert "jst_sale_out" in said
    assert "18:53:26 – 18:53:30" in said


def test_a_feed_that_holds_back_says_the_errors_own_advice() -> None:
    hold = HoldRow(
        "sale_out", 2, NOW + timedelta(seconds=20), "run-7", "任务 watch 失败：不认签名。处理：核对 app_secret"
    )
    told = ledger(mark(age=400), holds=[hold])
    assert first_line(told) == "销售出库已暂停，18:53:54 自动重试：不认签名，处理：核对 app_secret"
    assert len(findings(told)) == 1


def test_a_feed_that_reads_nothing_is_told_after_a_minute_and_bad_after_five() -> None:
    assert findings(ledger(mark(age=55))) == []
    assert findings(ledger(mark(age=90)))[0].level == "warn"
    found = findings(ledger(mark(age=400)))
    assert found[0].level == "bad"
    assert found[0].what == "销售出库已 6 分 40 秒没有新数据（数据到 18:46:54）"


def test_a_dimension_is_not_late_between_two_refreshes() -> None:
    assert findings(ledger(mark("sku", age=600, live=False))) == []


def test_batches_that_lie_in_kafka_for_minutes_point_at_load() -> None:
    waiting = [WaitingRow("sale_out", "live", "pulled", 12, 300.0), WaitingRow("inventory", "live", "pulled", 1, 3.0)]
    found = findings(ledger(mark(), waiting=waiting))
    assert [each.modules for each in found] == [["sale_out"]]
    assert found[0].what == "销售出库的 12 批在 Kafka 里等，不会丢，5 分没有装进宽表"
    assert "load" in found[0].do


def test_the_worst_comes_first() -> None:
    told = ledger(mark("inventory", age=90), mark("sale_out", age=2), open=[window()])
    assert [each.level for each in findings(told)] == ["bad", "warn"]


def test_a_complete_watermark_that_stands_is_said_once() -> None:
    standing = mark(kind="complete", age=1200, reason="sale_out-7 planned")
    (found,) = findings(ledger(mark(), standing))
    assert "完整水位停在 18:33:34" in found.what
    assert len(findings(ledger(mark(), standing, open=[window()]))) == 1


def test_an_incident_is_said_in_its_own_words() -> None:
    incident = IncidentRow("reconcile", "sale_out", "1", "销售出库 sale_out 的差异没有自愈", "查看 3 个主键", NOW, 4)
    said = first_line(ledger(mark(), incidents=[incident]))
    assert said == "销售出库 sale_out 的差异没有自愈，处理：查看 3 个主键"
    assert findings(ledger(mark(), incidents=[incident]))[0].detail == "18:53:34 起，已出现 4 次"


def test_letters_are_read_again_by_themselves_and_wake_nobody() -> None:
    told = ledger(mark(), open=[window(reason="死信 2 条待处理")])
    assert headline(told, findings(told)).level == "warn"
    assert "jst_dead_letters 每 10 分钟自动重投" in first_line(told)


def test_letters_are_said_with_the_cause_of_most_of_them() -> None:
    large = "主键 CK1 的记录有 1,253,201 字节，Kafka 收不下：超过 message.max.bytes（现在 1,000,000）（模块 sale_out）"
    letters = [LettersRow("sale_out", "open", "too_large_for_kafka", 2, 40.0, f"{large}。处理：调大这个上限")]
    (said,) = findings(ledger(mark(), open=[window(reason="死信 2 条待处理")], letters=letters))
    assert said.what == "销售出库有死信 2 条待处理：主键 CK1 的记录有 1,253,201 字节，Kafka 收不下"
    assert said.do == "其余数据照常，jst_dead_letters 每 10 分钟自动重投；调大这个上限"
    assert large in said.detail


def test_a_stopped_feed_is_said_once() -> None:
    hold = HoldRow("sale_out", 1, NOW + timedelta(seconds=200), "run-7", "任务失败：不认签名。处理：核对 app_secret")
    why = "实时流停止：不认签名。处理：核对 app_secret"
    incident = IncidentRow("feed_stopped", "sale_out", "", why, "按日志改好", NOW, 1)
    assert len(findings(ledger(mark(), holds=[hold], incidents=[incident]))) == 1
    said = first_line(ledger(mark(), incidents=[incident]))
    assert said == "销售出库停了：不认签名，处理：核对 app_secret"


def test_an_empty_control_database_is_not_called_well() -> None:
    assert "还没有读取过" in first_line(ledger())


def test_a_check_that_found_something_is_said_with_its_severity_and_leads_to_its_dag() -> None:
    what = "明细金额加起来不等于单据金额：1 个（sale_out CK1），负责人 data"
    bad = IncidentRow("check", "", "amounts", what, "重放", NOW, 2)
    mild = IncidentRow("check_warn", "", "unknown_sku", "商品资料里没有的 SKU：1 个（A），负责人 data", "等", NOW, 1)
    found = findings(ledger(mark(), incidents=[mild, bad]))
    assert [(each.level, each.dag_id) for each in found] == [("bad", "jst_checks"), ("note", "jst_checks")]
    assert str(found[0]) == f"{bad.what}，处理：重放"


def test_what_a_watermark_says_itself_is_not_said_twice() -> None:
    incident = IncidentRow("check", "", "freshness", "数据太旧：1 个（sale_out 00:06:40），负责人 data", "看", NOW, 2)
    assert [each.modules for each in findings(ledger(mark(age=400), incidents=[incident]))] == [["sale_out"]]


def test_a_bad_workbook_wakes_nobody() -> None:
    incident = IncidentRow("shops_workbook", "shop", "workbook", "店铺表 shops.xlsx 有 1 处错误", "改正", NOW, 3)
    (found,) = findings(ledger(mark(), incidents=[incident]))
    assert found.level == "warn"
    assert (found.what, found.dag_id) == ("店铺表 shops.xlsx 有 1 处错误", "jst_dimensions")
    (known,) = findings(ledger(mark(), incidents=[replace(incident, opened_at=NOW - timedelta(days=2))]))
    assert known.level == "note"


def test_checks_that_stopped_are_said() -> None:
    def looked(age: float) -> CheckRow:
        return CheckRow("freshness", 0, [], None, NOW, age)

    assert findings(ledger(mark(), checks=[looked(600)])) == []
    (found,) = findings(ledger(mark(), checks=[looked(3000)]))
    assert found.what == "1 项数据检查没有按时运行（数据太旧）"


def test_what_is_read_and_not_loaded_is_late() -> None:
    """A frozen ClickHouse before any task knows it: the read watermark is new, the newest that can be seen is not."""
    told = ledger(mark(kind="read", age=2), mark(age=75))
    assert first_line(told).startswith("销售出库已 1 分 15 秒没有新数据（数据到 18:52:19）")


def test_a_warning_of_the_data_is_counted_behind_all_is_well() -> None:
    what = "数量小于 0：109 行（sale_out CK1 …），负责人：仓库"
    warning = IncidentRow("check_warn", "", "abnormal_quantity", what, "核对", NOW - timedelta(days=9), 900)
    assert first_line(ledger(mark(), incidents=[warning])) == "全部正常，数据到 18:53:32；另有 1 项数据提醒"
    assert first_line(ledger(mark(age=90), incidents=[warning])).startswith("销售出库已 1 分 30 秒没有新数据")


def test_the_cause_comes_before_the_effect_and_before_the_data() -> None:
    bad = IncidentRow("check", "", "amounts", "明细金额加起来不等于单据金额：1 单（…）", "重放", NOW, 2)
    hold = HoldRow("inventory", 2, NOW, "run-1", "任务 load_inventory 失败：超时")
    told = ledger(
        mark("after_sale", age=400), open=[window()], troubles=[trouble(age=100)], holds=[hold], incidents=[bad]
    )
    assert [each.what[:4] for each in findings(told)] == ["连不上聚", "库存已暂", "售后已 ", "销售出库", "明细金额"]


def test_a_first_load_is_no_reason_for_a_red_mart() -> None:
    days = [MartDayRow(date(2026, 11, 26), 700.0), MartDayRow(date(2026, 11, 25), 650.0)]
    load = Progress("sku", 10, 4, 4, 1000, 0.42, 60.0, 80.0)
    assert findings(ledger(mark(), mart_days=days, first_loads=(load,))) == []
    (said,) = findings(ledger(mark(), mart_days=days))
    assert said.what == "汇总表没有跟上宽表：2026-11-26 等 2 天，已等 11 分"
    assert findings(ledger(mark(), mart_days=[replace(days[0], age=400.0)])) == []


def test_a_plan_is_said_in_words() -> None:
    assert reason_of("inventory-157 planned") == "计划 inventory-157 待拉取"
    assert reason_of("sale_out-29 planned：首页一直失败") == "计划 sale_out-29 待拉取：首页一直失败"
    assert reason_of("对账：源端 3，仓库 2") == "对账：源端 3，仓库 2"
