"""A guarded ClickHouse that holds ten days of a sandbox shop, and the boards on it; its owners are the workbook's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from jst.access.fill import fill
from jst.access.spec import load_access
from jst.warehouse.clickhouse_migrations import migrate
from jst.warehouse.mart_tables import keep_costs, mart_names, refresh
from tests.support.boards_world import BoardsWorld, Selling
from tests.support.guarded_clickhouse import Guarded, spec
from tests.support.sandbox_past import AS_OF, DAYS, NOW, live

ORDERS = 600


def _with_a_wall(facts: dict[str, Any]) -> None:
    facts["walls"] = {"仓库": {"shops": [103]}}


@pytest.fixture(scope="session")
def selling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Selling]:
    folder = tmp_path_factory.mktemp("selling")
    server = Guarded(folder / "home", spec(folder, _with_a_wall))
    try:
        migrate(server.etl)
        past = live(server.etl, ORDERS)
        for day in sorted(NOW.date() - timedelta(days=back) for back in range(DAYS + 3)):
            keep_costs(server.etl, day, closed_too=True)
            for mart in mart_names():
                refresh(server.etl, mart, day, 1)
        fill(server.etl, load_access(server.access).people)
        yield Selling(server, past)
    finally:
        server.close()


@pytest.fixture
def world(selling: Selling) -> Iterator[BoardsWorld]:
    world = BoardsWorld(selling.server, AS_OF)
    yield world
    world.close()
