"""When editions are due, what they are about, and what push.yaml may not say."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from jst.errors import Misconfigured
from jst.model.module import INCLUDE
from jst.push.editions import load_push

EDITIONS = load_push().editions


def test_a_week_goes_out_on_monday_and_a_month_on_its_first_day() -> None:
    november = [date(2026, 11, day) for day in range(1, 31)]
    assert [day.day for day in november if EDITIONS["weekly"].is_due(day)] == [2, 9, 16, 23, 30]
    assert [day.day for day in november if EDITIONS["monthly"].is_due(day)] == [1]
    assert all(EDITIONS["daily"].is_due(day) for day in november)


@pytest.mark.parametrize(
    ("name", "on", "about", "compared"),
    [
        ("daily", date(2026, 11, 30), ("11-29", "11-29"), [("11-28", "11-28", "前一日"), ("11-22", "11-22", "上周日")]),
        ("weekly", date(2026, 11, 30), ("11-23", "11-29"), [("11-16", "11-22", "上一周")]),
        ("monthly", date(2026, 12, 1), ("11-01", "11-30"), [("10-01", "10-31", "上个月")]),
        ("monthly", date(2027, 3, 1), ("02-01", "02-28"), [("01-01", "01-31", "上个月")]),
    ],
)
def test_an_edition_is_about_the_days_before(
    name: str, on: date, about: tuple[str, str], compared: list[tuple[str, str, str]]
) -> None:
    span = EDITIONS[name].span(on)
    assert (f"{span.first:%m-%d}", f"{span.last:%m-%d}") == about
    against = EDITIONS[name].compared(on)
    assert [(f"{each.first:%m-%d}", f"{each.last:%m-%d}", each.called) for each in against] == compared


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("boards: [shops, finance]", "boards: [shops, nothing]", "没有看板 nothing"),
        ("boards: [shops, finance]", "boards: [margin]", "看板 margin 只给财务看"),
        ("metrics: [out_amount,", "metrics: [gross_margin,", "指标 毛利 只给财务看"),
        ("metrics: [out_amount,", "metrics: [out_amonut,", "没有指标 out_amonut"),
        ('until: "12:00"', 'until: "08:15"', r"\$.until"),
        ('public: ""', 'public: "https://cdn"', "folder 与 public"),
        ("viewer: push", "viewr: push", "viewr"),
        ("channels: [dingtalk]", "channels: [dingding]", "messages.yaml 里没有通道 dingding，有：dingtalk"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copy(INCLUDE / "config" / "push.schema.json", tmp_path)
    text = (INCLUDE / "config" / "push.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "push.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Misconfigured, match=said):
        load_push(tmp_path)


def test_a_feast_is_left_out(tmp_path: Path) -> None:
    shutil.copy(INCLUDE / "config" / "push.schema.json", tmp_path)
    text = (INCLUDE / "config" / "push.yaml").read_text("utf-8")
    (tmp_path / "push.yaml").write_text(
        text.replace("period: day ", 'not_on: ["2027-02-06"]\n    period: day ', 1), "utf-8"
    )
    daily = load_push(tmp_path).editions["daily"]
    assert [daily.is_due(date(2027, 2, day)) for day in (5, 6, 7)] == [True, False, True]
