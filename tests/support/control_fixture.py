"""A migrated control database whose tables are empty before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jst.control.database import Database
from jst.control.postgres_migrations import migrate
from tests.support.stores import empty_control


@pytest.fixture
def database(postgres_dsn: str) -> Iterator[Database]:
    """Migrated and empty."""
    with Database(postgres_dsn) as database:
        migrate(database)
        empty_control(database)
        yield database
