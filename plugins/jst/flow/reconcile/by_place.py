"""Looking for records where the warehouse has them, at a source that cannot be asked for their keys."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from jst.erp.client import Client
from jst.model.module import Module
from jst.model.record_id import keys_on, split_key
from jst.model.window import Window
from jst.model.words import Origin

SECONDS_AT_ONCE, PAGES_PER_SECOND = 50, 8


def look_in_place(
    module: Module, client: Client, places: Mapping[str, datetime], origin: Origin
) -> tuple[set[str], set[str]]:
    """Look for keys at the second that ``places`` says, 50 different ones at most; returns which were looked for, and
    which of them the source shows there. Raises what the client raises."""
    by_second = defaultdict[tuple[datetime, int], set[str]](set)
    for key, second in places.items():
        parts = split_key(key) if module.per_warehouse else None
        by_second[second, parts[1] if parts else 0].add(key)
    looked, found = set[str](), set[str]()
    for place in random.sample(sorted(by_second), min(len(by_second), SECONDS_AT_ONCE)):
        looked |= by_second[place]
        found |= _shown(module, client, *place, by_second[place], origin)
    return looked, found


def _shown(module: Module, client: Client, second: datetime, branch: int, keys: set[str], origin: Origin) -> set[str]:
    found = set[str]()
    for index in range(1, PAGES_PER_SECOND + 1):
        page = client.page(module, Window(second, second), index, origin=origin, branch=branch)
        found |= keys & keys_on(module, page.rows, module.key)
        if not page.has_next or keys <= found:
            break
    return found
