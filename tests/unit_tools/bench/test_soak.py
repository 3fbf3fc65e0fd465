"""What a soak says of hours of looks: flat, settled or growing, and who deletes what grows by design."""

from __future__ import annotations

import random
import re

import pytest

from bench.soak.flatness import Noise, Verdict, course, slope
from bench.soak.judgement import MB, judge, table
from bench.soak.keepers import AIRFLOW_CLEANS, keeper
from bench.soak.simulated_day import due
from jst.control.old_rows import RULES

MINUTES = [60.0 * minute for minute in range(121)]
NOISE = Noise(0.05, 8 * MB)


def looks(of_minute: object) -> list[tuple[float, float]]:
    assert callable(of_minute)
    return [(at, of_minute(at / 60)) for at in MINUTES]


def test_noise_around_a_level_is_flat() -> None:
    rng = random.Random(5)
    found = course(looks(lambda minute: 250 * MB + rng.gauss(0, 20 * MB)), NOISE)
    assert found.verdict is Verdict.FLAT


@pytest.mark.parametrize("per_hour", [8, 30, 300])
def test_a_steady_leak_grows_whatever_noise_lies_over_it(per_hour: float) -> None:
    rng = random.Random(5)
    found = course(looks(lambda minute: (100 + per_hour * minute / 60 + rng.gauss(0, 1)) * MB), NOISE)
    assert found.verdict is Verdict.GROWS
    assert found.per_hour / MB == pytest.approx(per_hour, rel=0.1)


def test_a_cache_that_fills_up_in_the_first_hour_has_settled() -> None:
    assert course(looks(lambda minute: min(minute, 40) * 5 * MB), NOISE).verdict is Verdict.SETTLED


def test_a_step_late_in_the_period_grows() -> None:
    assert course(looks(lambda minute: (100 + 50 * (minute > 80)) * MB), NOISE).verdict is Verdict.GROWS


def test_what_comes_and_goes_every_five_minutes_is_flat() -> None:
    assert course(looks(lambda minute: (300 + 40 * (minute % 5)) * MB), NOISE).verdict is Verdict.FLAT


def test_what_swings_for_longer_than_a_window_and_happens_to_end_high_is_flat() -> None:
    assert course(looks(lambda minute: (500 + 100 * (minute // 25 % 2)) * MB), NOISE).verdict is Verdict.FLAT


def test_what_falls_is_flat() -> None:
    assert course(looks(lambda minute: (500 - minute) * MB), NOISE).verdict is Verdict.FLAT


def test_slope_is_per_second() -> None:
    assert slope([(0, 1), (10, 21), (20, 41)]) == pytest.approx(2.0)


def test_open_files_that_grow_are_bad_and_sizes_with_a_keeper_are_not() -> None:
    values = [
        (at, {"files/triggerer": 100 + at / 60, "size/airflow.dag_run": at * 4096, "size/jst_ops.odd": at * 4096})
        for at in MINUTES
    ]
    lines = {line.name: line for line in judge(values)}
    assert lines["files/triggerer"].bad
    assert not lines["size/airflow.dag_run"].bad
    assert lines["size/jst_ops.odd"].bad
    told = "\n".join(table(list(lines.values())))
    assert "35 天，clean_runs" in told
    assert re.search(r"✗ jst_ops\.odd .*增长", told)


def test_what_was_not_there_at_first_counts_from_nothing() -> None:
    values = [(at, {"size/odd": 3 * MB} if at > 3600 else {}) for at in MINUTES]
    assert [line.bad for line in judge(values)] == [True]


def test_one_failed_task_is_bad_however_late_and_a_retry_is_not() -> None:
    values = [(at, {"failed/任务": float(at == MINUTES[-1]), "failed/重试": at / 60}) for at in MINUTES]
    assert {line.name: line.bad for line in judge(values)} == {"failed/任务": True, "failed/重试": False}


def test_every_table_housekeeping_deletes_from_has_a_keeper() -> None:
    cleaned = {table for sqls in RULES.values() for sql in sqls for table in re.findall(r"DELETE FROM (\w+)", sql)}
    assert cleaned
    assert all("clean_control" in keeper(f"size/jst_ops.{table}") for table in cleaned | {"receipt"})
    assert all("clean_runs" in keeper(f"size/airflow.{table}") for table in AIRFLOW_CLEANS)


@pytest.mark.parametrize("name", ["size/jst_ops.watermark", "size/airflow.dag", "memory/scheduler", "files/kafka"])
def test_what_must_stay_flat_has_no_keeper(name: str) -> None:
    assert keeper(name) == ""


def test_an_hour_starts_what_runs_every_few_minutes_and_what_has_that_hour() -> None:
    schedules = {
        "checks": "3-59/5 * * * *", "cleaning": "40 4 * * *", "push": "0 8 * * *", "live": "@continuous", "by_hand": ""
    }  # fmt: skip
    assert due(schedules, 4) == ["checks", "cleaning"]
    assert due(schedules, 5) == ["checks"]
