"""What an id of the source is."""

from __future__ import annotations


def spelled_id(value: str | int) -> str:
    """Return an id as the source spells it, without blanks around it; '' where it names nothing: 0, in whatever number
    of digits, is what a .NET program writes for "none", and all records of "none" would be one."""
    text = str(value).strip()
    return text if text.strip("0.") else ""
