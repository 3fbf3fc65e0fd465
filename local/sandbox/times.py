"""The source's times: Beijing time as text, whole seconds, no zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
_FORMAT = "%Y-%m-%d %H:%M:%S"
_SHAPE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def beijing(epoch: float) -> str:
    """Unix seconds as ``yyyy-MM-dd HH:mm:ss``; a fraction is cut."""
    return datetime.fromtimestamp(epoch, BEIJING).strftime(_FORMAT)


def moment(text: object) -> datetime | None:
    """The time a text says, aware; None for anything that is not exactly ``yyyy-MM-dd HH:mm:ss``."""
    if not isinstance(text, str) or not _SHAPE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        return None
