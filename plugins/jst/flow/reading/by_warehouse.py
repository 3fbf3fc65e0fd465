"""Reading one plan warehouse by warehouse: it is proven when every one of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jst.errors import Refused, Retry
from jst.flow.reading.by_window import Reading

LEAST_PAGES = 10
"""Pages of one warehouse that a plan may have however many warehouses there are: windows are not cut to crumbs."""


def pages_each(most_pages: int | None, warehouses: int) -> int | None:
    """Return how many pages of each warehouse one plan may take, of ``most_pages`` altogether."""
    return None if most_pages is None else max(min(LEAST_PAGES, most_pages), most_pages // warehouses)


def read_warehouses(branches: Sequence[int], read: Callable[[int], Reading], *, by_page: bool) -> Reading:
    """Read each of ``branches`` and add up what they gave; the totals alone, (0,), are read as they are.

    ``by_page``: a warehouse that alone is not answered is noted as a failed page, so that it does not hold up the
    others. Raises what ``read`` raises where two in a row, or all, are not answered: it is the source that is down, or
    too busy.
    """
    if branches == (0,):
        return read(0)
    whole, parts, unanswered = Reading(), dict[int, Reading](), 0
    for branch in branches:
        try:
            parts[branch] = read(branch)
        except Refused:
            raise
        except Retry as trouble:
            unanswered += 1
            if not by_page or not trouble.asked or unanswered > 1 or len(branches) == 1:
                raise
            whole.failed[branch, 1] = trouble
            continue
        unanswered = 0
        _add(whole, branch, parts[branch])
    _sum_up(whole, parts)
    return whole


def _add(whole: Reading, branch: int, part: Reading) -> None:
    whole.keys |= part.keys
    whole.rows += part.rows
    whole.requests += part.requests
    whole.failed.update({(branch, page): trouble for (_, page), trouble in part.failed.items()})


def _sum_up(whole: Reading, parts: dict[int, Reading]) -> None:
    counted = [part.totals for part in parts.values() if part.totals]
    if counted:
        whole.totals = [sum(totals[0] for totals in counted), sum(totals[-1] for totals in counted)]
    unproven = [f"仓库 {branch}：{part.reason}" for branch, part in parts.items() if not part.proof]
    if whole.failed and not unproven:
        unproven = [f"有 {len(whole.failed)} 页未答"]
    whole.reason = "；".join(unproven)
    whole.proof = "" if unproven else next(iter(parts.values())).proof
    reached = [part.cursor for part in parts.values() if part.cursor is not None]
    if going_on := [part.cursor for part in parts.values() if part.more and part.cursor is not None]:
        # where the slowest stands: the others read a little twice
        whole.cursor, whole.more = min(going_on), True
    elif reached:
        whole.cursor = max(reached)
