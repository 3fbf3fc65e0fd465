"""Looking for records where the warehouse has them, at a source that cannot be asked for their keys."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from jst.erp.client import Client
from jst.model.module import Module
from jst.model.window import Window
from jst.model.words import Origin

SECONDS_AT_ONCE, PAGES_PER_SECOND = 50, 8


def look_in_place(
    module: Module, client: Client, places: Mapping[str, datetime], origin: Origin
) -> tuple[set[str], set[str]]:
    """Look for keys at the second that ``places`` says, 50 different ones at most; returns which were looked for, and
    which of them the source shows there. Raises what the client raises."""
    by_second = defaultdict[datetime, set[str]](set)
    for key, second in places.items():
        by_second[second].add(key)
    looked, found = set[str](), set[str]()
    for second in random.sample(sorted(by_second), min(len(by_second), SECONDS_AT_ONCE)):
        looked |= by_second[second]
        found |= _shown(module, client, second, by_second[second], origin)
    return looked, found


def _shown(module: Module, client: Client, second: datetime, keys: set[str], origin: Origin) -> set[str]:
    found = set[str]()
    for index in range(1, PAGES_PER_SECOND + 1):
        page = client.page(module, Window(second, second), index, origin=origin)
        rows = [row for row in page.rows if isinstance(row, dict)]
        found |= keys & {str(row[name]).strip() for row in rows for name in module.key if name in row}
        if not page.has_next or keys <= found:
            break
    return found
