from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sandbox.driver import Driver


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[Driver]:
    """A shop that opens at this moment, without orders."""
    driver = Driver(tmp_path)
    yield driver
    driver.store.close()


@pytest.fixture(scope="session")
def twenty_seconds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """Folder and clock of a shop that was open for twenty seconds."""
    folder = tmp_path_factory.mktemp("shop")
    driver = Driver(folder)
    driver.run(20)
    driver.store.close()
    return folder, driver.now


@pytest.fixture
def busy(twenty_seconds: tuple[Path, float], tmp_path: Path) -> Iterator[Driver]:
    """A shop with 200 orders."""
    folder, now = twenty_seconds
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    driver = Driver(tmp_path, now=now)
    yield driver
    driver.store.close()
