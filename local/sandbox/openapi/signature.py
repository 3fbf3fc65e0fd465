"""The public API's signature: MD5 over app_secret and all form parameters but ``sign``, sorted by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def signature(parameters: Mapping[str, str], secret: str) -> str:
    """Lower-case hex; empty parameters do not count."""
    named = sorted((name, value) for name, value in parameters.items() if value and name != "sign")
    text = secret + "".join(name + value for name, value in named)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
