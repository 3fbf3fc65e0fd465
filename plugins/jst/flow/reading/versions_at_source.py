"""Reading only to compare: keys and versions as the source shows them; nothing is sent to Kafka."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from jst.erp.client import Client, Page
from jst.errors import BadRecord
from jst.flow.reading.by_cursor import read_cursor
from jst.flow.reading.by_window import PageView, TooLarge, read_window
from jst.flow.reading.records import least_version, read_row, ts_of
from jst.model.module import Module
from jst.model.window import Window
from jst.model.words import Origin


@dataclass(slots=True)
class SourceVersions:
    """What the source showed. ``rows``: key → version (at least). ``proven``: no row of the window can have been
    missed. Records that cannot be read are left out: they are dead letters."""

    row_versions: bool
    rows: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    proven: bool = False
    server_time: datetime | None = None

    def accept(self, module: Module, page: Page, until: int | None = None) -> PageView:
        """Note the versions on a page; rows of a ts above ``until`` are read and not compared."""
        self.requests += 1
        self.server_time = page.server_time
        keys = []
        for number, row in enumerate(page.rows):
            try:
                record = read_row(module, row, row_versions=self.row_versions)
            except BadRecord:
                keys.append(f"unreadable {page.index} {number}")
                continue
            keys.append(record.key)
            if until is None or (record.ts or 0) <= until:
                known = self.rows.get(record.key, 0)
                self.rows[record.key] = max(known, least_version(record.modified, record.ts))
        highest = max((ts for row in page.rows if (ts := ts_of(row)) is not None), default=None)
        return PageView(tuple(keys), page.total, page.has_next, highest)


def versions_in_window(
    module: Module, client: Client, window: Window, most_pages: int, origin: Origin, branches: Sequence[int]
) -> SourceVersions | None:
    """Read the versions of all rows of a closed window, warehouse by warehouse; None if it has more than
    ``most_pages``. Raises what the client raises."""
    endpoint = module.endpoint(client.dialect)
    seen, size, proofs = SourceVersions(endpoint.row_versions), endpoint.page_size, list[str]()
    try:
        for branch in branches:
            ask = partial(client.page, module, window, origin=origin, branch=branch)
            reading = read_window(
                lambda index, ask=ask: seen.accept(module, ask(index)),  # type: ignore[misc]
                size,
                most_pages=max(1, most_pages // len(branches)),
            )
            proofs.append(reading.proof)
    except TooLarge:
        return None
    seen.proven = all(proofs)
    return seen


def versions_by_page(
    module: Module, client: Client, window: Window, most_pages: int, origin: Origin, branches: Sequence[int]
) -> SourceVersions | None:
    """Read the versions of a window's rows page after page, warehouse by warehouse, where no total proves that all
    were seen; None if it has more than ``most_pages``. Raises what the client raises."""
    endpoint = module.endpoint(client.dialect)
    seen = SourceVersions(endpoint.row_versions)
    for branch in branches:
        index, more = 0, True
        while more:
            if seen.requests == most_pages:
                return None
            page = client.page(module, window, index := index + 1, origin=origin, branch=branch)
            seen.accept(module, page)
            more = page.has_next or len(page.rows) >= endpoint.page_size
    return seen


def versions_along_cursor(
    module: Module, client: Client, start: int, until: int, origin: Origin, branches: Sequence[int]
) -> SourceVersions:
    """Read the versions of the rows from ts ``start`` to ``until``, warehouse by warehouse; raises what the client
    raises."""
    endpoint = module.endpoint(client.dialect)
    seen, size = SourceVersions(endpoint.row_versions), endpoint.page_size
    for branch in branches:
        ask = partial(client.since, module, origin=origin, branch=branch)
        read_cursor(
            lambda ts, ask=ask: seen.accept(module, ask(ts), until),  # type: ignore[misc]
            start, size, until=until,
        )  # fmt: skip
    seen.proven = True
    return seen
