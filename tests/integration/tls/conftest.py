"""A CA of a company's own, and one that is nobody's."""

from __future__ import annotations

import pytest

from tests.support.own_ca import OwnCa


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> OwnCa:
    return OwnCa(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def other_ca(tmp_path_factory: pytest.TempPathFactory) -> OwnCa:
    return OwnCa(tmp_path_factory.mktemp("other"), "Somebody else's CA")
