"""Airflow's assets: the tables that other DAGs follow, and business days with a certificate (docs/sensors.md).

A task names what it brings up to date, once a run: events are as many as shifts, however many orders there are.
"""

from __future__ import annotations

from airflow.sdk import Asset

from jst.model.module import modules_of
from jst.warehouse.mart_tables import mart_names


def wide_table(module: str) -> list[Asset]:
    """Return the asset of a module's wide table; none of a module that has no such table."""
    return [Asset(f"dws_{module}")] if module in {each.name for each in modules_of("live")} else []


def wide_tables() -> list[Asset]:
    """Return the assets of all wide tables."""
    return [asset for module in modules_of("live") for asset in wide_table(module.name)]


def marts() -> list[Asset]:
    """Return the assets of the tables that ``jst_marts`` makes."""
    return [Asset(name) for name in (*mart_names(), "dws_shop_style_week")]


def certified_day(module: str) -> Asset:
    """Return the asset of a module's certified days; an event's partition is its day, as 2026-03-04."""
    return Asset(f"certified_{module}")
