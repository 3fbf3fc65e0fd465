"""Each metric gives what was computed by hand from its definition, on the real engine."""

from __future__ import annotations

import pytest
from clickhouse_driver import Client

from jst.metrics.catalogue import load_catalogue
from tests.support.metric_cases import Case, ask, cases
from tests.support.metric_worlds import store

pytestmark = pytest.mark.clickhouse


class Ground:
    """Stores a case's rows, unless they are what is stored."""

    def __init__(self, client: Client) -> None:
        self.client, self._stored = client, ""

    def stand(self, case: Case) -> None:
        if case.ground != self._stored:
            store(self.client, case.world)
            self._stored = case.ground


@pytest.fixture(scope="module")
def ground(client: Client) -> Ground:
    return Ground(client)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_the_metric_says_what_its_definition_says(case: Case, ground: Ground) -> None:
    ground.stand(case)
    assert ask(ground.client, case.question(load_catalogue())) == case.expected
