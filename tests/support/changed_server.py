"""A server of the local stack that is set up otherwise: its files are changed after they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from local.services import process
from local.services.process import Service


@contextmanager
def changed(service: Service, change: Callable[[], object]) -> Iterator[None]:
    """Run the server while within it; ``change``: what is done to its files before it starts."""

    def prepare() -> None:
        service.prepare()
        change()

    other = replace(service, prepare=prepare)
    running = process.start(other)
    try:
        yield
    finally:
        process.stop(other, running)
