"""How long stock lasts, in numbers of no rule: rows for the table and the same for a second implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pandas as pd
from clickhouse_driver import Client

_PLACES = Decimal("0.0001")
_COLUMNS = ("sku_id", "i_id", "category", "wms_co_id", "available_qty", "daily_demand", "run_out_at")


@dataclass(frozen=True, slots=True)
class Lasting:
    """A row of ``dws.dws_sku_outlook``."""

    sku_id: str
    i_id: str
    category: str
    wms_co_id: int
    available_qty: Decimal
    daily_demand: Decimal
    run_out_at: datetime | None


def store_outlook(
    client: Client, goods: Sequence[tuple[str, str, str]], houses: Sequence[int], now: datetime
) -> list[Lasting]:
    """Write a row per SKU (sku_id, i_id, category) and warehouse; some sell nothing, some have nothing."""
    rows = [
        Lasting(
            *each,
            house,
            Decimal((place * 7 + house) % 41),
            (Decimal((place * 13 + house) % 9) / 7).quantize(_PLACES),
            now + timedelta(hours=(place * 5 + house) % 300) if (place + house) % 4 else None,
        )
        for place, each in enumerate(goods)
        for house in houses
    ]
    client.execute(
        f"INSERT INTO dws.dws_sku_outlook ({', '.join(_COLUMNS)}, version, is_deleted) VALUES",
        [(*(getattr(row, column) for column in _COLUMNS), 1, 0) for row in rows],
    )
    return rows


def outlook_frame(rows: Sequence[Lasting], unit: int) -> pd.DataFrame:
    """The same, quantities in whole parts of which ``unit`` are one."""
    return pd.DataFrame(
        {
            **{name: [getattr(row, name) for row in rows] for name in _COLUMNS[:4]},
            "available": pd.Series([int(row.available_qty * unit) for row in rows], dtype="int64"),
            "daily": pd.Series([int(row.daily_demand * unit) for row in rows], dtype="int64"),
            "run_out_on": pd.Series([row.run_out_at and row.run_out_at.date() for row in rows], dtype="object"),
        }
    )
