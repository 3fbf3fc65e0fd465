"""The source's times: Beijing time as text, whole seconds, no zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8))
_ORIGIN = datetime.fromtimestamp(0, BEIJING).replace(tzinfo=None)
"""Unix second 0 in Beijing, without its zone: a past of many orders is quicker written so."""
_SHAPE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def beijing(epoch: float) -> str:
    """Unix seconds as ``yyyy-MM-dd HH:mm:ss``; a fraction is cut."""
    return _second(int(epoch))


@lru_cache(4096)
def _second(epoch: int) -> str:
    return str(_ORIGIN + timedelta(seconds=epoch))


def moment(text: object) -> datetime | None:
    """Return the time a text says, aware; None for anything that is not exactly ``yyyy-MM-dd HH:mm:ss``."""
    return _read(text) if isinstance(text, str) else None


@lru_cache(4096)
def _read(text: str) -> datetime | None:
    if not _SHAPE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        return None
