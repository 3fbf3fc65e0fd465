"""A migrated control database whose tables are empty before each test."""

from tests.support.control_fixture import database

__all__ = ["database"]
