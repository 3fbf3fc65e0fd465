"""A plan that reads several warehouses is proven when each of them is, and one that alone fails holds up none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from jst.clock import SHANGHAI
from jst.erp.dialect import Page
from jst.errors import Refused, Retry
from jst.flow.reading.by_warehouse import pages_each, read_warehouses
from jst.flow.reading.by_window import Reading
from jst.flow.reading.records import ts_at_least
from jst.flow.reading.versions_at_source import SourceVersions, versions_by_page
from jst.model.module import load_module
from jst.model.window import Window


def part(*keys: str, totals: tuple[int, int] = (1, 1), **facts: object) -> Reading:
    reading = Reading(totals=list(totals), keys=set(keys), rows=len(keys), requests=2, proof="counted")
    for name, value in facts.items():
        setattr(reading, name, value)
    return reading


def of(parts: dict[int, Reading | Retry]) -> Callable[[int], Reading]:
    def read(branch: int) -> Reading:
        found = parts[branch]
        if isinstance(found, Retry):
            found.asked = 3
            raise found
        return found

    return read


def away() -> Retry:
    return Retry("HTTP 502", do="等待")


def test_the_totals_alone_are_read_as_they_are() -> None:
    whole = part("a")
    assert read_warehouses((0,), of({0: whole}), by_page=True) is whole


def test_what_the_warehouses_gave_adds_up() -> None:
    found = read_warehouses((1, 2), of({1: part("a@1", totals=(5, 4)), 2: part("a@2", totals=(2, 2))}), by_page=True)
    assert (found.proof, found.reason, found.totals) == ("counted", "", [7, 6])
    assert (found.keys, found.rows, found.requests) == ({"a@1", "a@2"}, 2, 4)


def test_one_warehouse_that_is_not_proven_leaves_the_whole_window_unproven() -> None:
    open_part = part("a@2", proof="", reason="读取期间总数变多（1→2），有迟到的提交")
    found = read_warehouses((1, 2), of({1: part("a@1"), 2: open_part}), by_page=True)
    assert (found.proof, found.reason) == ("", "仓库 2：读取期间总数变多（1→2），有迟到的提交")


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_warehouse_that_alone_is_not_answered_is_a_page_to_be_read_again(failing: int) -> None:
    parts: dict[int, Reading | Retry] = {branch: part(f"a@{branch}") for branch in (1, 2, 3)}
    found = read_warehouses((1, 2, 3), of({**parts, failing: away()}), by_page=True)
    assert (list(found.failed), found.proof, found.reason) == ([(failing, 1)], "", "有 1 页未答")
    assert len(found.keys) == 2


def test_a_page_that_failed_is_of_its_warehouse() -> None:
    lame = part("a@2", proof="", reason="有 1 页未答", failed={(0, 4): away()})
    assert list(read_warehouses((1, 2), of({1: part("a@1"), 2: lame}), by_page=True).failed) == [(2, 4)]


@pytest.mark.parametrize(
    ("parts", "by_page"),
    [
        ({1: part("a@1"), 2: away(), 3: away()}, True),
        ({1: part("a@1"), 2: away(), 3: part("a@3")}, False),
        ({1: part("a@1"), 2: Refused("429", do="等待"), 3: part("a@3")}, True),
    ],
    ids=["two in a row", "along the cursor", "refused"],
)
def test_a_source_that_is_away_or_too_busy_is_no_matter_of_a_warehouse(
    parts: dict[int, Reading | Retry], *, by_page: bool
) -> None:
    with pytest.raises(Retry):
        read_warehouses((1, 2, 3), of(parts), by_page=by_page)


def test_the_cursor_goes_on_where_the_slowest_warehouse_stands() -> None:
    done, slow = part("a@1", proof="cursor", cursor=90), part("a@2", proof="cursor", cursor=40, more=True)
    found = read_warehouses((1, 2), of({1: done, 2: slow}), by_page=False)
    assert (found.cursor, found.more) == (40, True)
    slow.more = False
    found = read_warehouses((1, 2), of({1: done, 2: slow}), by_page=False)
    assert (found.cursor, found.more, found.proof) == (90, False, "cursor")


@pytest.mark.parametrize(
    ("most", "warehouses", "each"), [(60, 1, 60), (60, 3, 20), (60, 20, 10), (3, 2, 3), (None, 4, None)]
)
def test_many_warehouses_share_the_pages_of_a_plan(most: int | None, warehouses: int, each: int | None) -> None:
    assert pages_each(most, warehouses) == each


NOON = datetime(2026, 3, 8, 12, tzinfo=SHANGHAI)


class Uncounted:
    """A source that counts nothing: 150 SKUs of each warehouse on two pages, their ts by warehouse."""

    dialect = "openapi"

    def page(self, module: Any, window: Window, index: int, *, origin: str, branch: int) -> Page:
        numbers = range(100) if index == 1 else range(100, 150)
        rows = tuple({"sku_id": f"A{n}@{branch}", "wms_co_id": branch, "qty": 1, "order_lock": 0, "ts": branch + n,
                      "modified": "2026-03-08 11:59:00"} for n in numbers)  # fmt: skip
        return Page(index, rows, None, False, NOON, "", 1, 1)  # has_next may stay false without a count of rows


def by_page(most_pages: int) -> SourceVersions | None:
    window = Window(NOON.replace(hour=11), NOON)
    return versions_by_page(load_module("inventory"), Uncounted(), window, most_pages, "reconcile", (1000, 5000))  # type: ignore[arg-type]


def test_where_nothing_counts_the_rows_a_window_is_read_page_by_page_to_its_end() -> None:
    seen = by_page(4)
    assert seen is not None
    assert (seen.requests, len(seen.rows)) == (4, 300)
    assert ts_at_least(seen.rows["A149@5000"]) == 5149
    assert by_page(3) is None
