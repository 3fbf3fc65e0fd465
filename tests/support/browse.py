"""How a browser test asks for a window."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

Browse = Callable[..., Page]
PATIENCE = 60.0
"""Seconds: Airflow's own pages took over 20 s beside the rest of the suite on two cores."""
