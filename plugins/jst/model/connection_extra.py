"""What the extras of a connection mean. Airflow gives those of a URI as text, those of JSON as they are."""

from __future__ import annotations

import json


def meaning_of(extra: object) -> object:
    """Return the number, true or false, list or object that a text spells as JSON; everything else as it is."""
    if not isinstance(extra, str):
        return extra
    try:
        spelled = json.loads(extra.lower() if extra in ("True", "False") else extra)
    except ValueError:
        return extra
    return extra if spelled is None or isinstance(spelled, str) else spelled
