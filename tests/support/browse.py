"""How a browser test asks for a window."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

Browse = Callable[..., Page]
