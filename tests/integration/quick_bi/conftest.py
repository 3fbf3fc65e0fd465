"""One guarded server for the stand-in to read from: its users are fixed when it starts."""

from tests.support.guarded_fixture import guarded

__all__ = ["guarded"]
