"""The catalogue: complete, one name everywhere, told to the key when it is wrong, and the page made of it."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jst.clock import SHANGHAI
from jst.errors import Misconfigured
from jst.metrics.catalogue import WIDE, Period, load_catalogue
from jst.metrics.docs_page import PAGE, page
from jst.metrics.kept_rows import Only
from jst.model.module import INCLUDE

SQL = INCLUDE / "sql" / "metrics"
CASES = Path(__file__).parents[2] / "integration" / "metrics" / "cases"
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 7), datetime(2026, 3, 8, 9, tzinfo=SHANGHAI))
PIPELINE = {code: metric for code, metric in load_catalogue().metrics.items() if metric.rows.reader == "monitoring"}
"""Asked of what tells how the pipeline does, by a login of its own: integration/metrics/test_pipeline.py."""


def test_the_42_are_all_there_each_once() -> None:
    numbers = [metric.number for metric in load_catalogue().metrics.values() if metric.number]
    assert numbers == list(range(1, 43))


def test_those_beside_them() -> None:
    beside = {code for code, metric in load_catalogue().metrics.items() if not metric.number and code not in PIPELINE}
    stock = {"oversold_qty", "negative_stock_sku_count", "negative_qty", "safety_qty", "days_of_stock", "run_out_day"}
    forecast = {f"forecast_{each}" for each in ("out_amount", "low_amount", "high_amount", "accuracy", "incomplete")}
    others = {"after_sale_rate_cohort", "gross_margin", "known_cost_share", "minutes_since_shipped"}
    assert beside == stock | forecast | others


def test_a_metric_has_one_name_everywhere() -> None:
    catalogue = load_catalogue()
    assert {path.stem for path in (SQL / "expressions").glob("*")} == set(catalogue.metrics)
    assert {path.stem for path in (SQL / "rows").glob("*")} == set(catalogue.rows)
    assert {path.stem for path in CASES.glob("*")} == set(catalogue.metrics) - set(PIPELINE)
    tables = {name for rows in catalogue.rows.values() for name in rows.tables}
    assert {path.stem for path in (SQL / "tables").glob("*")} == tables
    assert {path.stem for path in (SQL / "marts").glob("*")} == set(catalogue.marts)
    counted = {rows.name for rows in catalogue.rows.values() if rows.counts}
    assert {path.stem for path in (SQL / "counts").glob("*")} == counted | set(catalogue.marts)


def test_rows_nobody_counts_are_not_kept() -> None:
    catalogue = load_catalogue()
    assert {metric.rows.name for metric in catalogue.metrics.values()} == set(catalogue.rows)


def test_what_counts_or_divides_does_not_add_up() -> None:
    for metric in load_catalogue().metrics.values():
        adds_up = metric.format in ("quantity", "money") and not {"÷", "√"} & {*metric.definition}
        assert metric.additive == adds_up, metric.code


def test_the_pipeline_is_no_business_of_boards_logins() -> None:
    assert {metric.group for metric in PIPELINE.values()} == {"运行"}
    for code, metric in PIPELINE.items():
        tables = set(load_catalogue().question(code, PERIOD, metric.cuts).tables)
        assert tables <= {"api_minute", "module_minute", "bi_health"}, code
    others = {metric.group for code, metric in load_catalogue().metrics.items() if code not in PIPELINE}
    assert "运行" not in others


def test_cost_is_for_finance() -> None:
    finance = {code for code, metric in load_catalogue().metrics.items() if metric.role == "finance"}
    assert finance == {"stock_value", "gross_margin", "known_cost_share"}


def test_the_page_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text("utf-8") == page(load_catalogue()), "docs/metrics.md is stale: make docs"


@pytest.mark.parametrize(
    ("code", "by", "message"),
    [
        ("stock_qty", ["shop_id"], "库存数量（stock_qty）不能按店铺切分.*只按商品、款式、分类、仓库、日切分"),
        ("net_receipt", ["day", "sku_id"], "到账金额（net_receipt）不能按商品切分.*只按店铺、平台、日切分"),
        ("out_amount_day_over_day", ["hour"], "不能按小时切分"),
        ("after_sale_rate", ["hour"], "不能按小时切分"),
        ("pending_review_count", ["day"], "不能按日切分"),
        ("gmv", ["brand"], "不能按brand切分"),
    ],
)
def test_a_cut_that_makes_no_sense_is_refused(code: str, by: list[str], message: str) -> None:
    with pytest.raises(Misconfigured, match=message):
        load_catalogue().question(code, PERIOD, by)


@pytest.mark.parametrize(
    ("code", "only", "message"),
    [
        ("stock_qty", {"shop_id": ["101"]}, "库存数量（stock_qty）不能按店铺筛选.*只按商品、款式、分类、仓库、日筛选"),
        ("net_receipt", {"platform": ["天猫"], "category": ["女装"]}, "到账金额（net_receipt）不能按分类筛选"),
        ("pending_review_count", {"day": ["2026-03-07"]}, "待审核数（pending_review_count）不能按日筛选"),
        ("gmv", {"brand": ["甲"]}, "不能按brand筛选"),
        ("gmv", {"shop_id": ["101 OR 1"]}, "筛选条件店铺的值 '101 OR 1' 不对.*改为整数"),
        ("gmv", {"day": ["yesterday"]}, "筛选条件日的值 'yesterday' 不对.*改为2026-11-29 这样的日期"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(code: str, only: dict[str, list[str]], message: str) -> None:
    with pytest.raises(Misconfigured, match=message):
        load_catalogue().question(code, PERIOD, only=only)


def test_what_people_filter_by_is_never_text_of_the_sql() -> None:
    only: Only = {"shop_id": ["101", 102], "category": ["') OR 1 --"], "day": ["2026-03-02", "2026-03-05"]}
    question = load_catalogue().question("after_sale_rate", PERIOD, ["platform"], only=only, source=WIDE)
    assert "OR 1" not in question.sql
    assert question.sql.count("shop_id IN %(only_shop_id)s AND category IN %(only_category)s") == 2
    assert question.parameters["only_shop_id"] == (101, 102)
    assert question.parameters["only_category"] == ("') OR 1 --",)
    assert (question.parameters["first"], question.parameters["last"]) == ("2026-03-02", "2026-03-05")


def test_stock_of_kept_days_is_the_stock_of_the_last_of_them() -> None:
    only = {"day": ["2026-03-02", "2026-03-05", "2026-04-01"]}
    question = load_catalogue().question("stock_qty", PERIOD, only=only)
    assert (question.parameters["first"], question.parameters["last"]) == ("2026-03-05", "2026-03-05")


def test_a_question_names_the_tables_it_reads() -> None:
    catalogue = load_catalogue()
    assert catalogue.question("gmv", PERIOD, source=WIDE).tables == ("dws_sale_out",)
    assert catalogue.question("stock_qty", PERIOD).tables == ("dws_inventory", "dws_inventory_day")
    assert catalogue.question("after_sale_rate", PERIOD, source=WIDE).tables == ("dws_after_sale", "dws_sale_out")


@pytest.mark.parametrize(
    ("code", "by", "only", "source"),
    [
        ("out_amount", ["shop_id", "hour"], {}, "dws_shop_hour"),
        ("net_receipt", ["day"], {"platform": ["天猫"]}, "dws_shop_hour"),
        ("out_amount", ["wms_co_id"], {"shop_id": ["101"]}, "dws_shop_warehouse_day"),
        ("after_sale_rate", ["shop_id", "i_id"], {}, "dws_shop_style_day"),
        ("after_sale_rate", ["shop_id"], {"i_id": ["K1"]}, WIDE),
        ("out_qty", ["sku_id"], {"category": ["女装"]}, "dws_shop_sku_day"),
        ("out_qty", ["sku_id"], {"wms_co_id": [11001]}, WIDE),
        ("out_qty", ["sku_id", "hour"], {}, WIDE),
        ("after_sale_count", ["sku_id"], {}, WIDE),
        ("ship_lead_hours", ["shop_id"], {}, "dws_shop_hour"),
        ("quality_issue_rate", ["i_id"], {}, "dws_shop_style_day"),
        ("exchange_count", ["sku_id"], {}, WIDE),
        ("after_sale_rate_cohort", ["shop_id"], {}, WIDE),
        ("stock_qty", [], {}, WIDE),
    ],
)
def test_the_smallest_table_that_knows_is_asked(code: str, by: list[str], only: Only, source: str) -> None:
    question = load_catalogue().question(code, PERIOD, by, only=only)
    assert question.source == source
    assert source == WIDE or question.tables == (source,)


def test_hours_that_are_over_are_those_of_the_mart() -> None:
    question = load_catalogue().question("out_amount_day_over_day", PERIOD, ["shop_id"])
    assert question.source == "dws_shop_hour_so_far"
    assert question.tables == ("dws_sale_out", "dws_shop_hour")
    assert load_catalogue().question("out_amount_day_over_day", PERIOD, ["sku_id"]).source == WIDE


def test_what_stands_in_one_place_is_asked_at_once() -> None:
    codes = ["out_amount", "refund_amount", "net_receipt", "after_sale_rate_cohort", "after_sale_rate", "out_amount"]
    questions = load_catalogue().beside(codes, PERIOD, ["shop_id"], only={"platform": ["天猫"]})
    assert [(of, question.source) for of, question in questions] == [
        (("out_amount", "refund_amount", "net_receipt", "after_sale_rate"), "dws_shop_hour"),
        (("after_sale_rate_cohort",), WIDE),
    ]
    with pytest.raises(Misconfigured, match="到账金额（net_receipt）不能按商品切分"):
        load_catalogue().beside(codes, PERIOD, ["sku_id"])


def test_a_mart_that_does_not_know_is_refused() -> None:
    with pytest.raises(Misconfigured, match="汇总表 dws_shop_style_day 没有这样切分的指标 out_amount"):
        load_catalogue().question("out_amount", PERIOD, ["shop_id"], source="dws_shop_style_day")


def test_what_a_mart_answers_has_a_count_of_its_orders() -> None:
    """A mart's row is there for either side: without the count, a shop that only paid back would show sales of 0."""
    catalogue = load_catalogue()
    for mart in catalogue.marts.values():
        assert all(catalogue.metrics[code].rows.counts for code in mart.answers), mart.name
        assert {*mart.needs} <= {*mart.cuts}


def test_stock_of_a_period_is_the_stock_of_its_last_day() -> None:
    catalogue = load_catalogue()
    assert catalogue.question("stock_qty", PERIOD).parameters["first"] == "2026-03-07"
    assert catalogue.question("stock_qty", PERIOD, ["day"]).parameters["first"] == "2026-03-01"
    assert catalogue.question("gmv", PERIOD).parameters["first"] == "2026-03-01"


def test_the_moment_is_told_in_shanghai_whatever_zone_it_comes_in() -> None:
    period = Period(PERIOD.first, PERIOD.last, datetime(2026, 3, 8, 1, 2, 3, tzinfo=UTC))
    assert load_catalogue().question("gmv", period).parameters["as_of"] == "2026-03-08 09:02:03"


def test_no_metric_asks_the_clock() -> None:
    for code, metric in load_catalogue().metrics.items():
        sql = load_catalogue().question(code, PERIOD, metric.cuts).sql.lower()
        assert not re.search(r"\b(now|today)\w*\(", sql), code


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unit: 件, format: quantity", "unit: 件, format: integer", r"\$\.metrics\.stock_qty\.format"),
        ("rows: stock_and_week, additive", "rows: week, additive", r"\$\.metrics\.turnover_days\.rows 不对：没有 week"),
        ("    level: true", "    level: false", r"\$\.rows\.stock\.level 不对"),
        ("definition: 库存数量之和", "definitions: 库存数量之和", r"\$\.metrics\.stock_qty 不对"),
    ],
)
def test_a_mistake_is_named_by_its_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    for name in ("metrics.yaml", "metrics.schema.json"):
        shutil.copy(INCLUDE / "config" / name, tmp_path)
    text = (tmp_path / "metrics.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "metrics.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Misconfigured, match=message):
        load_catalogue(tmp_path)
