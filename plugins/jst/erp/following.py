"""What a client needs to know of whose source may be read."""

from __future__ import annotations

from typing import Protocol


class Following(Protocol):
    """The source all stored rows come from: rows of another one would replace them under the same keys."""

    def check(self) -> None:
        """Return when the client's source may be read. Raises Misconfigured when another one is followed."""

    def adopt(self) -> None:
        """Follow the client's source, which has answered, if none is followed yet; raises like ``check``."""
