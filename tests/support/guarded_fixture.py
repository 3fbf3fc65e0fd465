"""One guarded ClickHouse for all tests of a run: its users are fixed when it starts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jst.access.fill import fill
from jst.access.spec import load_access
from tests.support.guarded_clickhouse import Guarded, furnish, spec


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    server = Guarded(folder / "home", spec(folder))
    try:
        furnish(server.etl)
        fill(server.etl, load_access(server.access).people)
        yield server
    finally:
        server.close()
