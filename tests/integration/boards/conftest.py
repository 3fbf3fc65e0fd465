"""One guarded server for the folder: its users are fixed when it starts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.boards_world import BoardsWorld
from tests.support.guarded_clickhouse import Guarded
from tests.support.guarded_fixture import guarded

__all__ = ["guarded"]


@pytest.fixture
def world(guarded: Guarded) -> Iterator[BoardsWorld]:
    world = BoardsWorld(guarded)
    yield world
    world.close()
