"""The page in English says everything the Chinese one says, and leaves no sentence in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jst.alerts.rules import load_rules
from jst.clock import SHANGHAI
from jst.control.load_progress import Progress
from jst.ledger import page_html
from jst.ledger.english import HAN, english, page_in_english
from jst.ledger.facts import Facts, Ledger
from jst.ledger.rows import (
    AlertRow,
    BatchRow,
    BudgetRow,
    CertificateRow,
    CheckRow,
    DegradationRow,
    HoldRow,
    IncidentRow,
    LettersRow,
    MartDayRow,
    NodeRow,
    OpenWindowRow,
    SettledRow,
    TroubleRow,
    WaitingRow,
    WatermarkRow,
)
from jst.model.check_facts import load_checks
from jst.model.tls_refusal import SIGNS

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 26, 18, 53, 34, tzinfo=SHANGHAI)
BEFORE = NOW - timedelta(minutes=3, seconds=5)
ERRORS = {
    "Retry",
    "Refused",
    "Misconfigured",
    "Unaccepted",
    "Reauthorise",
    "Unproven",
    "JstError",
    "Signal",
    "BadRecord",
}
SAID_ON_THE_LEDGER = ("erp", "control", "kafka", "flow/live", "flow/reading", "warehouse/cluster.py", "workbook")


def full_ledger() -> Ledger:
    """A ledger in which every part of the page has something to say."""
    facts = Facts(
        marks=[
            WatermarkRow("sale_out", "read", BEFORE, "", 185.0, True, True),
            WatermarkRow("sale_out", "visible", BEFORE, "", 185.0, True),
            WatermarkRow("sale_out", "complete", NOW - timedelta(hours=3), "sale_out-7 open：有 2 页未答", 9e3, True),
            WatermarkRow("sku", "read", BEFORE, "", 185.0, False),
            WatermarkRow("sku", "visible", BEFORE, "", 185.0, False),
            WatermarkRow("inventory", "read", NOW, "", 1.0, True),
            WatermarkRow("inventory", "visible", NOW, "", 1.0, True),
        ],
        waiting=[WaitingRow("sale_out", "live", "pulled", 12, 700.0), WaitingRow("sale_out", "gap", "planned", 3, 9.0)],
        open=[
            OpenWindowRow("sale_out-7", "sale_out", "reconcile", "jst_sale_out", "run", BEFORE, NOW,
                          "读到 119 个主键，源端总数 120→121，对不上", 700.0, 3),
            OpenWindowRow("sku-1", "sku", "refresh", "jst_dimensions", "run", BEFORE, NOW, "死信 2 条待处理", 700.0, 1),
        ],
        batches=[BatchRow("sale_out", "sale_out-8", "live", "jst_sale_out", "run", "loaded", BEFORE, NOW, 3, 60, 12, 1,
                          "counted", 1.5, 9.0)],
        letters=[LettersRow("sku", "open", "bad_record", 2, 4000.0, "主键 sku_id 缺失、为空或为 0"),
                 LettersRow("sku", "parked", "page_failed", 1, 90_000.0, "聚水潭暂时不能服务（HTTP 503），共试 3 次")],
        budget=[BudgetRow("erp", "*", 0.8, 78.0, 60, 3, 100, 5, 12.0, {"live": 50, "backfill": 10})],
        holds=[HoldRow("after_sale", 4, NOW + timedelta(minutes=5), "run", "聚水潭 20 秒内没有答复（ReadTimeout）")],
        troubles=[TroubleRow("inventory", "load", "passing", "ClickHouse", "run",
                             "ClickHouse 没有答复（SocketTimeoutError）", "模块 inventory",
                             "检查 ClickHouse 是否在运行；恢复后自动再试，或清除（Clear）这个任务", 4, BEFORE, 185.0)],
        incidents=[
            IncidentRow("difference", "sale_out", "x", "销售出库 sale_out 的差异没有自愈：缺 2 单，多 0 单",
                        "联系源端恢复 total；下一轮自动再比", BEFORE, 3),
            IncidentRow("letters_parked", "sku", "x", "商品资料 sku 有 1 条死信已搁置，它们的窗口是例外 excepted",
                        "修好源端记录或模块文件后，手动运行 jst_dead_letters：动作选“重投”，取消试运行", BEFORE, 1),
        ],
        alerts=[AlertRow(name, rule.title, rule.severity, 12, "x", rule.do, BEFORE)
                for name, rule in load_rules().by_name.items()],
        degradations=[DegradationRow("after_sale", BEFORE, None, "源端要求暂停，还有 90 秒", 1, NOW)],
        nodes=[NodeRow("b:9000", "away", "ClickHouse 连不上", BEFORE, "12 张表 900 行一致，其中更正 2 行", NOW, NOW)],
        certificates=[CertificateRow(NOW.date() - timedelta(days=1), "sale_out", "open", 9, 9, "1.00", "2.00", 1, 0, 0,
                                     0, ["00:00–03:00 没有拉取", "金额不一致：源端 1.00，我方 2.00"], "jst_backfill",
                                     "r", NOW)],
        checks=[CheckRow(check.name, number, ["x"] * min(number, 2), BEFORE if number else None, NOW, 7_000.0)
                for number, check in enumerate(load_checks())],
        mart_days=[MartDayRow(NOW.date(), 900.0), MartDayRow(NOW.date() - timedelta(days=1), 800.0)],
    )  # fmt: skip
    load = Progress("sku", 10, 4, 4, 1000, 0.42, 60.0, 80.0, idle=700.0)
    settled = [SettledRow("sale_out", "proven", 900), SettledRow("sale_out", "excepted", 2)]
    return Ledger(NOW, facts, (load,), settled, missing_pools=["live", "picture"])


def texts(page: str) -> set[str]:
    return {text.strip() for text in re.findall(r">([^<]+)<", page) if text.strip()}


def test_every_text_of_the_page_is_english() -> None:
    page = page_html.full_page(page_html.content(full_ledger()), "en")
    shown = page_in_english(page)
    left = {text for text in texts(shown) if HAN.search(text)}
    assert left == {"中文"}, "add them to include/config/english.yaml"
    assert [label for label in re.findall(r'(?:title|aria-label)="([^"]+)"', shown) if HAN.search(label)] == []
    assert re.sub(r">[^<]+<", "><", re.sub(r'"[^"]*"', '""', page)) == re.sub(
        r">[^<]+<", "><", re.sub(r'"[^"]*"', '""', shown)
    ), "only texts differ"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("全部正常，数据到 18:53:30；首次装载进行到 42%", "All is well, data up to 18:53:30; first load at 42%"),
        (
            "ClickHouse 没有答复，3 个模块的 1,200 批在 Kafka 里等，不会丢",
            "ClickHouse does not answer, 1,200 batches of 3 modules wait in Kafka and are not lost",
        ),
        (
            "聚水潭 20 秒内没有答复：库存、售后已停 3 分 5 秒",
            "Jushuitan has not answered within 20 s: stock, after-sales stopped for 3 min 5 s",
        ),
        (
            "聚水潭说调用太频繁（HTTP 429，code 42901），共试 3 次",
            "Jushuitan says the calls are too many (HTTP 429, code 42901), tried 3 times",
        ),
        (
            "检查 Kafka 是否在运行；稍后自动重试；恢复后自己补齐，不会丢数据",
            "Check whether Kafka runs; tried again by itself; it catches up by itself, and no data are lost",
        ),
        ("没有人知道的句子：甲", "没有人知道的句子: 甲"),
    ],
)
def test_a_sentence_is_said_whole(said: str, meant: str) -> None:
    assert english(said) == meant


def test_what_checks_and_errors_say_has_its_english() -> None:
    """Errors reach the ledger as the reason of a trouble, a hold-back, a letter or an incident."""
    said = {text for check in load_checks() for text in (check.title, check.do, check.unit, check.owner)}
    said |= {text for place in SAID_ON_THE_LEDGER for text in _of_errors(ROOT / "plugins/jst" / place)}
    said |= {f"Kafka（h:1）{what}" for _, what, _ in SIGNS}
    said |= {do.format(ca="连接 jst_ops 的 extra.sslrootcert") for _, _, do in SIGNS}
    assert len(said) > 150
    assert sorted(text for text in said if HAN.search(english(text))) == [], "add them to include/config/english.yaml"


def _of_errors(place: Path) -> Iterator[str]:
    for path in [place] if place.is_file() else place.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                for given in (*node.args, *(each.value for each in node.keywords)):
                    text = _filled(given)
                    if text and HAN.search(text):
                        yield text


def _filled(node: ast.AST) -> str:
    """Return a string, with 7 in its holes."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
