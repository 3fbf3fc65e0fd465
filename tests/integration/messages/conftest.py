"""A migrated control database whose tables are empty before each test."""

from __future__ import annotations

from tests.support.control_fixture import database

__all__ = ["database"]
