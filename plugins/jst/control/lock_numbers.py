"""Every advisory lock of the control database.

None of these may change: a worker of the version before and one of this version keep each other out by them while a
new version is rolled out.
"""

from __future__ import annotations

from datetime import date

MIGRATIONS = 7_021_944
"""Taken alone: one process migrates the control database."""
LOADING = 7_021
"""Taken with ``hashtext(module)``: one process loads a module."""
NODES = 7_022
"""Taken with one of the two numbers below."""
NODES_REGISTER = 0
"""One process makes ClickHouse nodes known."""
NODES_WRITE = 1
"""Shared by all processes that write to ClickHouse, alone by the one that lets a node join."""
MESSAGES = 7_023
"""Taken with ``hashtext(channel)``: one process sends on a channel."""
ALERTS = 7_024
"""Taken with 0: one process puts the words about incidents into the outbox."""
READING = 7_025
"""Taken with ``hashtext(module)``: one process reads a live feed."""


def certificate_lock(day: date, module: str) -> str:
    """Name the lock, taken as ``hashtext`` of it, under which a day's certificate of a module gets its number."""
    return f"certificate {day} {module}"
