"""Two loaders of one module, as the live feed's and the first load's are."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from jst.flow.live.shift import Limits
from tests.support.house import House

pytestmark = [pytest.mark.kafka, pytest.mark.clickhouse, pytest.mark.postgres]


@pytest.fixture
def other(house: House) -> Iterator[House]:
    """The same stores, another process's connections."""
    other = house.beside()
    yield other
    other.close()


def test_no_batch_is_loaded_by_two(house: House, other: House) -> None:
    house.shift().run(Limits(longest=4))
    waiting = sum(carried for _, carried, _ in house.plans.waiting("sale_out"))
    both = Barrier(2)

    def load(loader_of: House) -> int:
        loader = loader_of.loader()
        both.wait()
        return loader.load_waiting()

    with ThreadPoolExecutor() as threads:
        loaded = sorted(threads.map(load, (house, other)))
    assert loaded == [0, waiting]
    assert waiting > 0
