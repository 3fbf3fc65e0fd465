"""The first line: one sentence that says whether all is well, and if not, what is wrong and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jst.clock import SHANGHAI
from jst.control.load_progress import Progress
from jst.ledger.facts import CheckRow, Facts, HoldRow, IncidentRow, Ledger, OpenWindowRow, WaitingRow, WatermarkRow
from jst.ledger.findings import findings, headline

NOW = datetime(2026, 11, 26, 18, 53, 34, tzinfo=SHANGHAI)


def mark(
    module: str = "sale_out", kind: str = "read", age: float = 2.0, reason: str = "", live: bool = True
) -> WatermarkRow:
    return WatermarkRow(module, kind, NOW - timedelta(seconds=age), reason, age, live)


def ledger(*marks: WatermarkRow, first_loads: tuple[Progress, ...] = (), **parts: Any) -> Ledger:
    nothing: dict[str, list[Any]] = {name: [] for name in Facts.__dataclass_fields__}
    return Ledger(NOW, Facts(**{**nothing, "marks": list(marks), **parts}), first_loads)


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


def test_a_first_load_under_way_is_no_trouble_and_is_said() -> None:
    load = Progress("sku", 10, 4, 4, 1000, 0.42, 60.0, 80.0)
    assert first_line(ledger(mark(age=2), first_loads=(load,))) == "全部正常，数据到 18:53:32；首次装载进行到 42%"


def test_an_open_window_is_said_with_its_reason_and_what_to_do() -> None:
    said = first_line(ledger(mark(), open=[window(windows=3), window(plan_id="sale_out-9", windows=3)]))
    assert said.startswith("销售出库 sale_out 有 3 个窗口未证明，因为读取期间总数变多（120→121），有迟到的提交，处理：")
    assert "jst_sale_out" in said
    assert "18:53:26 – 18:53:30" in said


def test_a_feed_that_holds_back_says_the_errors_own_advice() -> None:
    hold = HoldRow(
        "sale_out", 2, NOW + timedelta(seconds=20), "run-7", "任务 watch 失败：不认签名。处理：核对 app_secret"
    )
    told = ledger(mark(age=400), holds=[hold])
    assert (
        first_line(told)
        == "销售出库 sale_out 停下等待，18:53:54 再试：任务 watch 失败：不认签名，处理：核对 app_secret"
    )
    assert len(findings(told)) == 1


def test_a_feed_that_reads_nothing_is_told_after_a_minute_and_bad_after_five() -> None:
    assert findings(ledger(mark(age=55))) == []
    assert findings(ledger(mark(age=90)))[0].level == "warn"
    found = findings(ledger(mark(age=400)))
    assert found[0].level == "bad"
    assert "已 6 分 40 秒没有读到新数据（读到 18:46:54）" in found[0].what


def test_a_dimension_is_not_late_between_two_refreshes() -> None:
    assert findings(ledger(mark("sku", age=600, live=False))) == []


def test_batches_that_lie_in_kafka_for_minutes_point_at_load() -> None:
    waiting = [WaitingRow("sale_out", "live", "pulled", 12, 300.0), WaitingRow("inventory", "live", "pulled", 1, 3.0)]
    found = findings(ledger(mark(), waiting=waiting))
    assert [each.module for each in found] == ["sale_out"]
    assert "12 批已在 Kafka、5 分没有装进宽表" in found[0].what
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
    assert said == "销售出库 sale_out 的差异没有自愈（18:53:34 起，已见 4 次），处理：查看 3 个主键"


def test_letters_are_read_again_by_themselves_and_wake_nobody() -> None:
    told = ledger(mark(), open=[window(reason="死信 2 条待处理")])
    assert headline(told, findings(told)).level == "warn"
    assert "jst_dead_letters 每 10 分钟自动重投" in first_line(told)


def test_a_stopped_feed_is_said_once() -> None:
    hold = HoldRow("sale_out", 1, NOW + timedelta(seconds=200), "run-7", "任务失败：不认签名。处理：核对 app_secret")
    why = "实时流停止：不认签名。处理：核对 app_secret"
    incident = IncidentRow("feed_stopped", "sale_out", "", why, "按日志改好", NOW, 1)
    assert len(findings(ledger(mark(), holds=[hold], incidents=[incident]))) == 1
    said = first_line(ledger(mark(), incidents=[incident]))
    assert said == "销售出库 sale_out 实时流停止：不认签名（18:53:34 起），处理：核对 app_secret"


def test_an_empty_control_database_is_not_called_well() -> None:
    assert "还没有读取过" in first_line(ledger())


def test_a_check_that_found_something_is_said_with_its_severity_and_leads_to_its_dag() -> None:
    what = "明细金额加起来不等于单据金额：1 个（sale_out CK1），负责人 data"
    bad = IncidentRow("check", "", "amounts", what, "重放", NOW, 2)
    mild = IncidentRow("check_warn", "", "unknown_sku", "商品资料里没有的 SKU：1 个（A），负责人 data", "等", NOW, 1)
    found = findings(ledger(mark(), incidents=[mild, bad]))
    assert [(each.level, each.dag_id) for each in found] == [("bad", "jst_checks"), ("warn", "jst_checks")]
    assert str(found[0]) == f"{bad.what}（18:53:34 起，已见 2 次），处理：重放"


def test_what_a_watermark_says_itself_is_not_said_twice() -> None:
    incident = IncidentRow("check", "", "freshness", "数据太旧：1 个（sale_out 00:06:40），负责人 data", "看", NOW, 2)
    assert [each.module for each in findings(ledger(mark(age=400), incidents=[incident]))] == ["sale_out"]


def test_a_bad_workbook_wakes_nobody() -> None:
    incident = IncidentRow("shops_workbook", "shop", "workbook", "店铺表 shops.xlsx 有 1 处错误", "改正", NOW, 3)
    (found,) = findings(ledger(mark(), incidents=[incident]))
    assert found.level == "warn"
    assert found.what == "店铺表 shops.xlsx 有 1 处错误（18:53:34 起，已见 3 次）"


def test_checks_that_stopped_are_said() -> None:
    def looked(age: float) -> CheckRow:
        return CheckRow("freshness", 0, [], None, NOW, age)

    assert findings(ledger(mark(), checks=[looked(600)])) == []
    (found,) = findings(ledger(mark(), checks=[looked(3000)]))
    assert found.what == "1 项数据检查没有按时运行（数据太旧）"
