"""What a worker of ``pytest -n … --dist=loadscope`` gets at a time, and which share is given out first.

Tests of a file stay together: what it starts is started once. So do those of a folder whose files share servers.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARING = ("tests/e2e/", "tests/integration/access/", "tests/integration/boards/", "tests/integration/quick_bi/")
"""Folders whose tests share Airflow's processes or a ClickHouse of their own."""
LONGEST = ("tests/e2e/", "tests/chaos/", "tests/integration/flow/") + tuple(
    f"tests/integration/{folder}/" for folder in ("engines", "standby", "verify", "metrics")
)
"""Shares of minutes: begun last, one of them would keep a worker busy when all others have ended."""


class ShareScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a free worker the next share, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in SHARING if nodeid.startswith(folder)), nodeid.partition("::")[0])


def longest_first(item: pytest.Item) -> int:
    """Return the item's place; those with the same place keep their order."""
    return next((place for place, path in enumerate(LONGEST) if item.nodeid.startswith(path)), len(LONGEST))
