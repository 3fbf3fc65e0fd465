"""One guarded server for the folder: its users are fixed when it starts."""

from tests.support.guarded_fixture import guarded

__all__ = ["guarded"]
