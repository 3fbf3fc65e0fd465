from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sandbox_driver import Driver, OpenDriver

Saved = tuple[Path, float]


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[Driver]:
    """A shop that opens at this moment, without orders."""
    driver = Driver(tmp_path)
    yield driver
    driver.store.close()


@pytest.fixture
def open_erp(tmp_path: Path) -> Iterator[OpenDriver]:
    """The same in the openapi dialect."""
    driver = OpenDriver(tmp_path)
    yield driver
    driver.store.close()


@pytest.fixture(scope="session")
def twenty_seconds(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Folder and clock of a shop that was open for twenty seconds."""
    return _lived(Driver(tmp_path_factory.mktemp("shop")), 20, 0)


@pytest.fixture(scope="session")
def whole_lives(tmp_path_factory: pytest.TempPathFactory) -> dict[type[Driver], Saved]:
    """In each dialect a shop with 400 orders whose lives are over."""
    return {kind: _lived(kind(tmp_path_factory.mktemp("shop")), 40, 1500) for kind in (Driver, OpenDriver)}


def _lived(driver: Driver, busy: int, quiet: int) -> Saved:
    driver.run(busy)
    driver.shop.per_hour = 0
    driver.run(quiet)
    driver.store.close()
    return driver.folder, driver.now


def _again(kind: type[Driver], saved: Saved, folder: Path) -> Iterator[Driver]:
    shutil.copytree(saved[0], folder, dirs_exist_ok=True)
    driver = kind(folder, now=saved[1])
    yield driver
    driver.store.close()


@pytest.fixture
def busy(twenty_seconds: Saved, tmp_path: Path) -> Iterator[Driver]:
    """A shop with 200 orders."""
    yield from _again(Driver, twenty_seconds, tmp_path)


@pytest.fixture
def lived(whole_lives: dict[type[Driver], Saved], tmp_path: Path) -> Iterator[Driver]:
    """A shop with 400 orders whose lives are over."""
    yield from _again(Driver, whole_lives[Driver], tmp_path)


@pytest.fixture
def open_lived(whole_lives: dict[type[Driver], Saved], tmp_path: Path) -> Iterator[Driver]:
    """The same in the openapi dialect; its type is OpenDriver."""
    yield from _again(OpenDriver, whole_lives[OpenDriver], tmp_path)
