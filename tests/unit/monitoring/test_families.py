"""What Prometheus is given: names and helps by its conventions, and a text it can read whatever stands in a label."""

from __future__ import annotations

import pytest

from jst.monitoring.families import Family, Sample, exposition, load_families, question, samples
from jst.monitoring.scrape import Scrape
from jst.warehouse.sql import FOLDER
from tests.support.fake_source import FakeClock

UNITS = ("_seconds", "_bytes", "_total", "_per_minute", "_last_5m")


def test_every_family_has_its_statement_and_every_statement_its_family() -> None:
    files = {path.stem for path in (FOLDER / "monitoring").glob("jst_*.sql")}
    assert files == set(load_families())
    for server in ("control", "warehouse"):
        asked = question(server).count("AS family")
        assert asked == sum(family.server == server for family in load_families().values())


def test_names_say_their_unit_and_moments_are_no_ages() -> None:
    for name, family in load_families().items():
        assert not name.endswith(("_age", "_age_seconds", "_count")), name
        if any(word in family.help for word in ("秒", "字节")) or "什么时候" in family.help:
            assert name.removesuffix("_total").endswith(UNITS), name
        if "什么时候" in family.help:
            assert name.endswith("_timestamp_seconds"), name


def test_what_stands_in_a_label_breaks_no_line() -> None:
    family = Family("jst_x_total", "第一行\n第二行 \\", ("module", "outcome"))
    text = exposition([(family, [Sample(('a"b', "c\\d\ne"), 3.0)]), (Family("jst_empty", "无"), [])])
    assert text == (
        "# HELP jst_x_total 第一行\\n第二行 \\\\\n# TYPE jst_x_total counter\n"
        'jst_x_total{module="a\\"b",outcome="c\\\\d\\ne"} 3.0\n'
    )


def test_what_has_no_value_is_left_out() -> None:
    assert samples([("jst_x", ["a"], None), ("jst_x", ["b"], 2)]) == {"jst_x": [Sample(("b",), 2.0)]}


def test_a_server_that_does_not_answer_keeps_the_others_figures(caplog: pytest.LogCaptureFixture) -> None:
    def away() -> dict[str, list[Sample]]:
        raise OSError("连不上")

    scrape = Scrape(
        {"postgres": lambda: {"jst_messages": [Sample(("sms", "waiting"), 2.0)]}, "clickhouse": away}, FakeClock()
    )
    text = scrape.text()
    assert 'jst_messages{channel="sms",state="waiting"} 2.0' in text
    assert 'jst_scrape_source_up{source="postgres"} 1.0' in text
    assert 'jst_scrape_source_up{source="clickhouse"} 0.0' in text
    assert "没有问到 clickhouse：连不上" in caplog.text
