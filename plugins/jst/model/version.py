"""Which version of the package this is."""

from __future__ import annotations

from importlib import metadata

NAME = "jst-lingyang"


def package_version() -> str:
    """Return the version of the package or of the plugins folder; '?' where neither is on Python's path by its name."""
    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "?"
