"""A migrated control database whose tables are empty before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jst.control.database import Database
from jst.control.plans import Plans
from tests.support.control_fixture import database
from tests.support.other_processes import Workers
from tests.support.plan_story import MODULE, NOON, begin

__all__ = ["database"]


@pytest.fixture
def plans(database: Database) -> Plans:
    """A feed that begins at noon."""
    plans = Plans(database)
    begin(plans, MODULE, NOON)
    return plans


@pytest.fixture
def workers(postgres_dsn: str) -> Iterator[Workers]:
    """Real processes on the same control database; whoever is left is killed."""
    with Workers(postgres_dsn) as workers:
        yield workers
