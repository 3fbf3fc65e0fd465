"""What was forecast, as tests plant it: stored in ClickHouse, and as a frame for the second implementation."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
from clickhouse_driver import Client

from local.sandbox.world import SHOPS

METHODS = ("prophet", "profile", "last_week", "day_total")
NOTES = ("用到 14:00 的数据", "用到 09:00 的数据；数据不全")
_COLUMNS = ("biz_day", "biz_hour", "shop_id", "platform", "out_amount", "midnight_amount", "own_variance", "hour_error",
            "day_error", "actual_amount", "method", "note", "is_incomplete", "version")  # fmt: skip


def forecast_rows(today: date, days: int) -> list[tuple[Any, ...]]:
    """Rows of all shops but one, of ``days`` days and of today, which is not over; as _COLUMNS says."""
    rng = random.Random(20261130)

    def money(most: int) -> Decimal:
        return Decimal(rng.randrange(most * 100)).scaleb(-2)

    rows = []
    for back in range(days + 1):
        note = NOTES[back % 3 == 1]
        for shop_id, _, platform in SHOPS[:-1]:
            for hour in rng.sample(range(24), 20):
                parts = (money(900), money(900), money(9000), money(60), money(40))
                actual = money(900) if back else None
                method = rng.choice(METHODS)
                day = today - timedelta(days=back)
                rows.append((day, hour, shop_id, platform, *parts, actual, method, note, int(note == NOTES[1]), 1))
    return rows


def store_forecast(client: Client, rows: list[tuple[Any, ...]]) -> None:
    client.execute(f"INSERT INTO dws.dws_shop_hour_forecast ({', '.join(_COLUMNS)}) VALUES", rows)


def forecast_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Money in cents; a variance in ten-thousandths."""
    cells = []
    for row in rows:
        known = dict(zip(_COLUMNS, row, strict=True))
        amounts = {
            name: None if known[name] is None else int(known[name] * 100)
            for name in ("out_amount", "midnight_amount", "hour_error", "day_error", "actual_amount")
        }
        words = {"forecast_method": known["method"], "forecast_note": known["note"]}
        cells.append({"day": known["biz_day"], "hour": known["biz_hour"], "shop_id": known["shop_id"],
                      "platform": known["platform"], "own_variance": int(known["own_variance"] * 10_000),
                      "is_incomplete": known["is_incomplete"], **amounts, **words})  # fmt: skip
    names = ["day", "hour", "shop_id", "platform", "forecast_method", "forecast_note"]
    return pd.DataFrame(cells, columns=[*names, *(name for name in (cells or [{}])[0] if name not in names)])
