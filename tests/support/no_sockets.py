"""A fixture that keeps a layer of tests off the network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def no_sockets() -> Iterator[None]:
    """Refuse every connection while a test runs."""
    disable_socket(allow_unix_socket=True)  # asyncio wakes itself through a unix socket pair
    yield
    enable_socket()
