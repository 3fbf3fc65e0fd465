"""Pictures at a public address, for robots that cannot upload any: each under a name that cannot be guessed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

_NAME_BYTES = 24


@dataclass(frozen=True, slots=True)
class PublicPictures:
    """A folder that the world can read. ``write``: keeps bytes under a name there; ``public``: its address."""

    write: Callable[[str, bytes], None]
    public: str

    def __call__(self, png: bytes) -> str:
        """Keep a picture; returns its address. Raises what the library of the storage raises."""
        name = f"{secrets.token_urlsafe(_NAME_BYTES)}.png"
        self.write(name, png)
        return f"{self.public}/{name}"
