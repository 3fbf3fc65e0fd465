"""The metrics of the pipeline's board say what its tables and ClickHouse's own log say, of today's last hour and of a
past day, to the login that may read nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.control.api_calls import BUCKETS, bucket_of
from jst.metrics.catalogue import Period, load_catalogue
from tests.support.metric_cases import ask

pytestmark = pytest.mark.clickhouse
NOON = (datetime.now(SHANGHAI) - timedelta(days=2)).replace(hour=12, minute=0, second=30, microsecond=0)
TODAY, YESTERDAY = NOON.date(), NOON.date() - timedelta(days=1)
CALLS = {  # minutes before noon, module, endpoint, outcome, kind: milliseconds of each
    (0, "sku", "/sku", "ok", "ok"): [100] * 90 + [900] * 9,
    (0, "sku", "/sku", "http_429", "refused"): [3],
    (59, "sku", "/sku", "timeout", "failed"): [20_000] * 4,
    (59, "sale_out", "/out", "ok", "ok"): [250],
    (61, "sku", "/sku", "ok", "ok"): [1],
    (24 * 60, "sku", "/sku", "code_199", "refused"): [5],
}
COLUMNS = """minute, module, at, feed_state, lag_seconds, visible_until, complete_until, open_letters, parked_letters,
    certificate_day, certificate_state, uncertified_days, incidents"""


@pytest.fixture(scope="module")
def pipeline(client: Client) -> Client:
    client.execute("TRUNCATE TABLE ops.api_minute")
    client.execute("TRUNCATE TABLE ops.module_minute")
    client.execute(
        "INSERT INTO ops.api_minute VALUES", [row for item in CALLS.items() for row in _both_versions(*item)]
    )
    client.execute(f"INSERT INTO ops.module_minute ({COLUMNS}) VALUES", list(map(_stood, (
        (0, "sale_out", "degraded", 40.0, 1, 2, "proven", 1, 3), (0, "inventory", "live", 2.0, 0, 0, "", 0, 0),
        (0, "sku", "clock", None, 4, 0, "", 0, 0), (0, "", "", None, 0, 0, "", 0, 2),
        (30, "sale_out", "live", 90.5, 9, 9, "open", 9, 9), (70, "sale_out", "live", 999.0, 9, 9, "open", 9, 9),
    ))))  # fmt: skip
    return client


def _both_versions(key: tuple[int, str, str, str, str], took: list[int]) -> list[tuple[Any, ...]]:
    """The counts as they are, and an older copy that a merge has not removed yet."""
    back, *words = key
    minute = NOON.replace(second=0) - timedelta(minutes=back)
    latencies = [sum(bucket_of(each) == place for each in took) for place in range(1, BUCKETS + 1)]
    now = (minute, *words, len(took), sum(took), latencies, minute + timedelta(seconds=50))
    return [(minute, *words, 1, 1, [1] * BUCKETS, minute + timedelta(seconds=5)), now]


def _stood(row: tuple[Any, ...]) -> tuple[Any, ...]:
    back, module, state, lag, letters, parked, certificate, missing, incidents = row
    at = NOON - timedelta(minutes=back)
    day = YESTERDAY if certificate else None
    return (
        at.replace(second=0), module, at, state, lag, at, at, letters, parked, day, certificate, missing, incidents
    )  # fmt: skip


def said(client: Client, code: str, by: Sequence[str] = (), day: date = TODAY) -> Any:
    return ask(client, load_catalogue().question(code, Period(day, day, NOON), by))


def test_requests_of_the_last_hour_by_outcome(pipeline: Client) -> None:
    assert said(pipeline, "api_request_count") == 105
    assert said(pipeline, "api_request_count", ["outcome"]) == {"http_429": 1, "ok": 100, "timeout": 4}
    assert said(pipeline, "api_request_count", ["endpoint"]) == {"/out": 1, "/sku": 104}
    assert said(pipeline, "api_refusal_rate") == Decimal("0.0095")
    assert said(pipeline, "api_error_rate", ["module"]) == {"sale_out": Decimal(0), "sku": Decimal("0.0385")}


def test_a_past_day_is_asked_whole_and_a_day_without_requests_has_no_rate(pipeline: Client) -> None:
    assert said(pipeline, "api_request_count", ["outcome"], YESTERDAY) == {"code_199": 1}
    assert said(pipeline, "api_refusal_rate", day=YESTERDAY) == 1
    assert said(pipeline, "api_error_rate", day=YESTERDAY - timedelta(days=1)) is None
    assert said(pipeline, "api_latency_p95", day=YESTERDAY - timedelta(days=1)) is None


@pytest.mark.parametrize(("code", "share"), [("api_latency_p50", 0.5), ("api_latency_p95", 0.95)])
def test_a_percentile_is_right_to_a_fifth(pipeline: Client, code: str, share: float) -> None:
    took = sorted(each for (back, *_), times in CALLS.items() if back < 60 for each in times)
    assert float(said(pipeline, code)) == pytest.approx(took[round(share * len(took)) - 1], rel=0.2)
    by_endpoint = said(pipeline, code, ["endpoint"])
    assert float(by_endpoint["/out"]) == pytest.approx(250, rel=0.2)


def test_how_the_modules_stand_now(pipeline: Client) -> None:
    assert said(pipeline, "feed_lag") == 40
    assert said(pipeline, "feed_lag", ["module"]) == {
        "inventory": 2, "sale_out": 40, "sku": None, "系统 system": None
    }  # fmt: skip
    assert said(pipeline, "feed_lag_max", ["module"])["sale_out"] == Decimal("90.5")
    by_minute = said(pipeline, "feed_lag_max", ["minute", "module"])
    assert {key for key, lag in by_minute.items() if lag == Decimal("90.5")} == {f"{NOON:%F} 11:30:00+08:00|sale_out"}
    counted = {
        code: said(pipeline, code)
        for code in (
            "open_letter_count", "parked_letter_count", "open_incident_count", "stopped_feed_count",
            "uncertified_day_count",
        )
    }  # fmt: skip
    assert counted == {
        "open_letter_count": 5, "parked_letter_count": 2, "open_incident_count": 5, "stopped_feed_count": 1,
        "uncertified_day_count": 1,
    }  # fmt: skip
    states = said(pipeline, "open_letter_count", ["module", "feed_state", "certificate"])
    assert set(states) == {
        "inventory|实时 live|—",
        f"sale_out|降级 degraded|{YESTERDAY} 已证明 proven",
        "sku|定时 by the clock|—",
        "系统 system|—|—",
    }


@pytest.mark.parametrize(
    ("scores", "now", "held"),
    [
        ({0: 60, 5: 70, 10: 100}, 60, 70),
        ({0: 60, 5: 85, 10: 100}, 60, 85),
        ({0: 90, 1: 10, 2: 10, 5: 90, 6: 10, 10: 10}, 90, 90),
        ({0: 60, 5: 50}, 60, 60),
        ({0: 60}, 60, 100),
        ({0: 60, 4: 50, 20: 10, 25: 10}, 60, 100),
        ({61: 60}, None, None),
    ],
)
def test_bi_is_unwell_when_two_windows_of_three_say_so(
    client: Client, scores: dict[int, int], now: int | None, held: int | None
) -> None:
    """By minutes before noon: windows do not overlap, one that is missing is no reason for an alarm."""
    client.execute("TRUNCATE TABLE ops.bi_health")
    minutes = {back: NOON.replace(second=0) - timedelta(minutes=back) for back in scores}
    client.execute(
        "INSERT INTO ops.bi_health (minute, score, at) VALUES",
        [(at, Decimal(score), at + timedelta(seconds=later)) for back, at in minutes.items()
         for later, score in ((15, 1), (20, scores[back]))],
    )  # fmt: skip
    assert said(client, "lingyang_health") == now
    assert said(client, "lingyang_health_held") == held
    by_minute = said(client, "lingyang_health", ["minute"])
    assert sorted(by_minute.values()) == sorted(score for back, score in scores.items() if back < 60)


def test_queries_are_those_that_clickhouse_logged(client: Client) -> None:
    ((login,),) = client.execute("SELECT currentUser()")
    client.execute("SYSTEM FLUSH LOGS")
    now = datetime.now(SHANGHAI)
    catalogue = load_catalogue()
    logged = client.execute(
        """SELECT query_duration_ms, type FROM system.query_log
           WHERE event_time > %(from)s AND event_time <= %(to)s AND user = %(login)s AND query_kind = 'Select'
             AND is_initial_query AND type != 'QueryStart'""",
        {"from": now - timedelta(hours=1), "to": now, "login": login},
    )
    took = sorted(each for each, _ in logged)
    assert len(took) >= 10
    for code, expected in {
        "query_count": len(took),
        "query_p50": took[len(took) // 2],
        "query_p99": took[int(len(took) * 0.99)],
        "query_error_rate": round(Decimal(sum(kind != "QueryFinish" for _, kind in logged)) / len(took), 4),
    }.items():
        question = catalogue.question(code, Period(now.date(), now.date(), now), ["login"])
        question.parameters["query_logins"] = (login,)
        assert ask(client, question) == {login: expected}, code
