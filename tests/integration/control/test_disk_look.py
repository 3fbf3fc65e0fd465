"""A disk that is nearly full is an incident until it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.flow.disk_look import KIND, Usage, look_at_disk

pytestmark = pytest.mark.postgres


def test_less_than_a_tenth_and_20_gb_are_an_incident_until_there_is_room(database: Database) -> None:
    incidents = Incidents(database)
    for total, free in ((int(1e12), int(25e9)), (int(40e9), int(5e9))):
        assert not look_at_disk(incidents, Path("/logs"), Usage(total, total - free, free))
    assert look_at_disk(incidents, Path("/logs"), Usage(int(100e9), int(91e9), int(9e9)))
    (standing,) = incidents.standing()
    assert standing.kind == KIND
    assert "/logs 所在的磁盘只剩 9.0 GB（9%）" in standing.what
    assert not look_at_disk(incidents, Path("/logs"), Usage(int(100e9), int(50e9), int(50e9)))
    assert incidents.standing() == []
