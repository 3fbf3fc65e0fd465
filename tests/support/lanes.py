"""In which order the workers of ``pytest -n`` get their tests: what takes minutes is begun first and apart.

``--dist=worksteal`` gives every worker one piece of the list, all pieces equally long, and moves only the end of a
piece to a worker that has nothing left. Tests of minutes that lie in one piece therefore run one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

BUSY = ("tests/chaos/", "tests/e2e/")
"""Tests that compute for minutes; half of the workers begin with them."""
WAITING = ("tests/integration/flow/",)
"""Tests that wait for minutes, for the source's seconds to pass; the other half begins with them."""


def in_lanes(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return ``items`` in an order whose ``workers`` equal pieces each begin with long tests.

    Neighbours among the other tests stay neighbours: they share what their module starts."""
    if workers < 2:
        return list(items)
    busy, waiting = ([item for item in items if item.nodeid.startswith(folders)] for folders in (BUSY, WAITING))
    rest = [item for item in items if not item.nodeid.startswith((*BUSY, *WAITING))]
    busy.sort(key=lambda item: not item.nodeid.startswith(BUSY[0]))
    half = workers // 2
    beginnings = [busy[lane::half] for lane in range(half)]
    beginnings += [waiting[lane :: workers - half] for lane in range(workers - half)]
    order: list[pytest.Item] = []
    for lane, beginning in enumerate(beginnings):
        length = (len(items) - len(order)) // (workers - lane)
        filling = max(0, length - len(beginning))
        order += [*beginning, *rest[:filling]]
        del rest[:filling]
    return order + rest
