"""Why a comparison could not be made."""

from __future__ import annotations


class CannotCompare(Exception):
    """One Chinese sentence: what is in the way and what to do."""
