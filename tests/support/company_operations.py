"""An hour of the company's pipeline: requests, feeds, and a burst of refusals twenty minutes ago."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from clickhouse_driver import Client

from tests.support.company import Row, insert

_ENDPOINTS = {
    "sale_out": ("/open/orders/out/simple/query", 34, 180),
    "inventory": ("/open/inventory/query", 42, 95),
    "after_sale": ("/open/aftersale/query", 18, 210),
    "sku": ("/open/sku/query", 6, 140),
}
"""Module → endpoint, requests a minute, milliseconds."""
_LAG = {"sale_out": 6, "inventory": 9, "after_sale": 14}
_BUCKETS = 40


def store_operations(client: Client, now: datetime) -> None:
    """Make the tables of database ops hold the hour before ``now`` and nothing else."""
    drawn = random.Random(8)
    minutes = [
        now.replace(second=0, microsecond=0, tzinfo=None) - timedelta(minutes=back) for back in range(60, -1, -1)
    ]
    for table, rows in (
        (
            "ops.api_minute",
            [row for at, minute in enumerate(minutes) for row in _requests(drawn, minute, 38 < at < 44)],
        ),
        ("ops.module_minute", [row for minute in minutes for row in _feeds(drawn, minute, now.replace(tzinfo=None))]),
        ("ops.bi_health", [_health(minute, 38 < at < 44) for at, minute in enumerate(minutes)]),
    ):
        client.execute(f"TRUNCATE TABLE {table}")
        insert(client, table, rows)


def _requests(drawn: random.Random, minute: datetime, refused: bool) -> Iterator[Row]:
    for module, (endpoint, usual, milliseconds) in _ENDPOINTS.items():
        asked = max(1, round(usual * drawn.uniform(0.8, 1.2)))
        ends = {"ok": asked}
        if refused and module == "sale_out":
            ends = {"ok": asked // 2, "http_429": asked // 3, "code_199": asked // 6}
        if drawn.random() < 0.05:
            ends["timeout"] = 1
        for outcome, requests in ends.items():
            latencies = [0] * _BUCKETS
            for _ in range(requests):
                took = 7_000 if outcome == "timeout" else milliseconds * drawn.lognormvariate(0, 0.35)
                latencies[math.ceil(2 * math.log2(took))] += 1
            kind = {"ok": "ok", "timeout": "failed"}.get(outcome, "refused")
            yield {
                "minute": minute, "module": module, "endpoint": endpoint, "outcome": outcome, "kind": kind,
                "requests": requests, "milliseconds": requests * milliseconds, "latencies": latencies,
                "changed_at": minute,
            }  # fmt: skip


def _feeds(drawn: random.Random, minute: datetime, now: datetime) -> Iterator[Row]:
    for module in ("sale_out", "inventory", "after_sale", "sku", "shops"):
        lag = _LAG.get(module)
        yield {
            "minute": minute, "module": module, "at": min(minute + timedelta(seconds=50), now),
            "feed_state": "clock" if lag is None else "live", "lag_seconds": lag and lag * drawn.uniform(0.6, 1.6),
            "visible_until": lag and minute, "complete_until": lag and minute - timedelta(minutes=5),
            "open_letters": 2 if module == "after_sale" else 0, "parked_letters": 0,
            "certificate_day": lag and minute.date() - timedelta(days=1), "certificate_state": "proven" if lag else "",
            "uncertified_days": 0, "incidents": 0,
        }  # fmt: skip


def _health(minute: datetime, slow: bool) -> Row:
    return {
        "minute": minute, "score": 88 if slow else 100, "queries": 300, "failed": 0, "slow": 90 if slow else 0,
        "p99_ms": 2_400.0 if slow else 210.0, "lag_seconds": 9.0, "at": minute,
    }  # fmt: skip
